/**
 * Formatting of counts, as on the page. It does not depend on the editor.
 */

const SEPARATED = new Intl.NumberFormat("en-US");
const UNITS = ["K", "M", "B", "T"];

/**
 * Formats a count completely: `1,204,000`.
 * @param {number} count
 */
export function full(count) {
  return SEPARATED.format(count);
}

/**
 * Formats a count for the gutter: completely up to 99,999, then rounded: `123 K`, `1.2 M`.
 * @param {number} count
 */
export function compact(count) {
  if (count <= 99_999) return full(count);
  let value = count / 1000;
  let unit = 0;
  // 999.5 would round to 1000 of this unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 9.95 && unit > 0 ? value.toFixed(1) : full(Math.round(value));
  return `${digits}\u00a0${UNITS[unit]}`;
}
