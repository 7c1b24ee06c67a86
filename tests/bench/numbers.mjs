// The few figures that sum up a series.

/** The value in the middle; of an even number the upper of the two. */
export const median = (values) => quantile(values, 0.5);

/** The value below which this share of the series lies: `quantile(frames, 0.99)`. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** No more digits than mean something. */
export function round(value, digits = 3) {
  return Number(value.toPrecision(digits));
}

/** Gigabytes a second. */
export const rate = (bytes, seconds) => bytes / seconds / 1e9;
