// Numbers for people: thin spaces, a proper minus, and no more digits than the uncertainty supports.

/** Narrow no-break space: groups digits and ties a unit to its number. */
export const THIN = "\u202f";
const MINUS = "\u2212";
/** What stands for a number that could not be computed. */
export const NONE = "\u2013";

/** The size of the last digit worth showing, a power of ten: two digits of the spread, and not finer than the Monte Carlo error. */
export function stepOf(spread: number | null, mcError: number | null = null, value = 0): number {
  const width = spread !== null && spread > 0 ? spread : 0;
  const error = mcError !== null && mcError > 0 ? mcError : 0;
  // Without any spread the number is known: four significant digits.
  if (width === 0 && error === 0) return value === 0 ? 1 : powerOfTen(Math.abs(value)) / 1000;
  return Math.max(width > 0 ? powerOfTen(width) / 10 : 0, error > 0 ? powerOfTen(2 * error) : 0);
}

/** The largest power of ten that is not above a positive value. */
export function powerOfTen(value: number): number {
  const exponent = Math.floor(Math.log10(value) + 1e-12);
  return exponent >= 0 ? 10 ** exponent : 1 / 10 ** -exponent;
}

/** Writes a value to a multiple of `step`. */
export function decimal(value: number | null, step: number): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const rounded = Math.round(value / step) * step;
  const size = Math.abs(rounded);
  // Zero has neither sign nor decimals.
  if (size < step / 2) return "0";
  const sign = rounded < 0 ? MINUS : "";
  if (size >= 1e9 && step >= 1e5) return sign + plain(size / 1e9, step / 1e9) + THIN + "billion";
  if (size >= 1e6 && step >= 1e2) return sign + plain(size / 1e6, step / 1e6) + THIN + "million";
  if (size < 1e-4) return sign + scientific(size, step);
  return sign + plain(size, step);
}

/** Writes a value with its sign, plus included. */
export function signed(value: number | null, step: number): string {
  const text = decimal(value, step);
  return value !== null && Math.round(value / step) > 0 ? "+" + text : text;
}

function plain(size: number, step: number): string {
  const decimals = Math.max(0, Math.min(12, Math.ceil(-Math.log10(step) - 1e-9)));
  const [whole = "0", fraction] = size.toFixed(decimals).split(".");
  return group(whole) + (fraction === undefined ? "" : "." + fraction);
}

function scientific(size: number, step: number): string {
  const unit = powerOfTen(size);
  const exponent = Math.round(Math.log10(unit));
  return plain(size / unit, Math.min(1, step / unit)) + "\u00d710" + superscript(exponent);
}

function group(digits: string): string {
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** Writes a whole number in superscript. */
export function superscript(value: number | string): string {
  return String(value).replace(/[-0-9]/g, (letter) => SUPERSCRIPTS[letter] ?? letter);
}

const SUPERSCRIPTS: Record<string, string> = {
  "-": "\u207b", "0": "\u2070", "1": "\u00b9", "2": "\u00b2", "3": "\u00b3", "4": "\u2074",
  "5": "\u2075", "6": "\u2076", "7": "\u2077", "8": "\u2078", "9": "\u2079",
};

/** Writes a share as a percentage: whole, finer near the ends, never 0% or 100% unless it is. */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return NONE;
  if (share < 0) return MINUS + percent(-share);
  if (share === 0) return "0%";
  if (share === 1) return "100%";
  if (share < 0.0005) return "<0.1%";
  if (share > 0.9995 && share < 1) return ">99.9%";
  const points = share * 100;
  if (share < 0.00995 || (share > 0.99005 && share < 1)) return points.toFixed(1) + "%";
  return Math.round(points) + "%";
}

/** Writes a difference of shares in percentage points. */
export function points(difference: number | null): string {
  if (difference === null || !Number.isFinite(difference)) return NONE;
  const size = Math.abs(difference) * 100;
  if (size > 0 && size < 0.05) return "<0.1" + THIN + "points";
  return pointsAlone(difference) + THIN + "points";
}

/** Writes percentage points without the word, to a tenth where they are few. */
export function pointsAlone(difference: number): string {
  return signed(difference * 100, Math.abs(difference) < 0.0995 ? 0.1 : 1);
}

/** Writes a count. */
export function count(value: number): string {
  return decimal(value, 1);
}

/** Writes a number that has no uncertainty beside it, with a few significant digits. */
export function brief(value: number | null, digits = 3): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  if (value === 0) return "0";
  // Digits before the point are all shown: 1234 is not 1230 when it is a fact.
  const step = powerOfTen(Math.abs(value)) / 10 ** (digits - 1);
  const text = decimal(value, Math.min(step, 1));
  return text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");
}
