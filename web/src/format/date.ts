// Dates for people. Reports have days without a time zone, so everything is reckoned in UTC.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Reads `2024-10-28`. */
export function day(iso: string): Date {
  return new Date(iso.slice(0, 10) + "T00:00:00Z");
}

/** Writes `28 Oct 2024`. */
export function dayText(iso: string | Date): string {
  const date = typeof iso === "string" ? day(iso) : iso;
  if (Number.isNaN(date.getTime())) return typeof iso === "string" ? iso : "";
  return `${date.getUTCDate()}\u00a0${MONTHS[date.getUTCMonth()]}\u00a0${date.getUTCFullYear()}`;
}

/** Writes `Oct`, with the year in January and where `full` asks for it. */
export function monthText(date: Date, full: boolean): string {
  const month = MONTHS[date.getUTCMonth()] ?? "";
  return full || date.getUTCMonth() === 0 ? `${month} ${date.getUTCFullYear()}` : month;
}
