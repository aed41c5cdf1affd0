// Tables as comma-separated values (RFC 4180).

/** A cell: a number as it is, or text. */
export type Cell = string | number | null;

/** Writes rows. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

function cell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  // A spreadsheet would run what begins like a formula, and a model's text may say anything.
  const text = /^[=+@\t\r]|^-(?![\d.])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Text of the page for a file: plain spaces, and a minus that programs read. */
export function plain(text: string): string {
  return text.replace(/[\u00a0\u202f\u2009]/g, " ").replaceAll("\u2212", "-").replace(/\s+/g, " ").trim();
}

/** A name for a file: `Will: Ukraine` is `will-ukraine`. */
export function fileName(text: string): string {
  const words = text.toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return words.slice(0, 80) || "figure";
}
