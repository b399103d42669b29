// Prometheus' text format, and what can be computed from two readings of it.

/**
 * @typedef {{name: string, labels: Object<string, string>, value: number}} Sample
 */

/**
 * @param {string} text
 * @returns {Sample[]}
 */
export function parseMetrics(text) {
  const samples = [];
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)/.exec(line);
    if (!match) continue; // a comment, or nothing
    samples.push({ name: match[1], labels: parseLabels(match[2] ?? ""), value: numberOf(match[3]) });
  }
  return samples;
}

function parseLabels(text) {
  const labels = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = value.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
  }
  return labels;
}

const numberOf = (text) => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text));

/**
 * The sum of a metric's series.
 * @param {Sample[]} samples
 * @param {string} name
 * @param {(labels: Object<string, string>) => boolean} [wanted]
 */
export function total(samples, name, wanted = () => true) {
  return samples.reduce((sum, one) => (one.name === name && wanted(one.labels) ? sum + one.value : sum), 0);
}

/**
 * A histogram's cumulative counts, by upper bound.
 * @returns {Map<number, number>}
 */
export function buckets(samples, name, wanted = () => true) {
  const counts = new Map();
  for (const one of samples) {
    if (one.name !== `${name}_bucket` || !wanted(one.labels)) continue;
    const bound = numberOf(one.labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + one.value);
  }
  return new Map([...counts].sort((a, b) => a[0] - b[0]));
}

/**
 * What came between two readings, without `fast` requests that are known to lie in the lowest buckets.
 * @param {Map<number, number>} before
 * @param {Map<number, number>} after
 * @param {number} [fast]
 */
export function newCounts(before, after, fast = 0) {
  return new Map([...after].map(([bound, count]) => [bound, Math.max(0, count - (before.get(bound) ?? 0) - fast)]));
}

/**
 * A quantile of cumulative counts, linear within its bucket, as Prometheus' histogram_quantile.
 * @param {Map<number, number>} counts
 * @param {number} q 0..1
 * @returns {number} NaN when nothing was counted
 */
export function quantile(counts, q) {
  const rows = [...counts];
  const all = rows.at(-1)?.[1] ?? 0;
  if (all <= 0) return NaN;
  const rank = q * all;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of rows) {
    if (count >= rank) {
      if (bound === Infinity) return lower; // all that is known: more than that
      return count === below ? bound : lower + (bound - lower) * ((rank - below) / (count - below));
    }
    lower = bound;
    below = count;
  }
  return lower;
}
