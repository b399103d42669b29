// From two readings of /metrics to the points of the charts.

import { buckets, newCounts, quantile, total } from "./metrics_text.js";

// What this page itself asks for: it is not what an operator wants to see here.
const OWN = new Set(["/metrics", "/", "/info", "/readiness", "/healthz", "/model/catalog"]);
const isOwn = ({ handler = "" }) => OWN.has(handler) || handler.startsWith("/static/");
const isPrediction = ({ handler = "" }) => handler.startsWith("/infer/") || handler === "/{project}/{version}";

/**
 * @typedef {{time: number, samples: import("./metrics_text.js").Sample[]}} Reading time in seconds
 */

/**
 * @param {Reading} before
 * @param {Reading} after
 * @returns {Object<string, number[]>} a chart's values, one a series, by the chart's name; NaN where there is none
 */
export function pointsBetween(before, after) {
  const seconds = Math.max(after.time - before.time, 0.001);
  const rate = (name, wanted) => Math.max(0, total(after.samples, name, wanted) - total(before.samples, name, wanted)) / seconds;
  const status = (wanted) => (labels) => isPrediction(labels) && wanted.includes(labels.status);
  const own = (rate("http_requests_total", isOwn)) * seconds;
  const histogram = "http_request_duration_highr_seconds";
  const latencies = newCounts(buckets(before.samples, histogram), buckets(after.samples, histogram), Math.round(own));
  return {
    requests: [rate("http_requests_total", status(["2xx"]))],
    latency: [0.5, 0.9, 0.99].map((q) => quantile(latencies, q) * 1000),
    queue: [total(after.samples, "osprey_queue_depth"), total(after.samples, "osprey_batches_running")],
    refused: [rate("http_requests_total", status(["5xx"])), rate("http_requests_total", status(["4xx"]))],
    models: [total(after.samples, "osprey_models_live"), total(after.samples, "osprey_models_loading")],
    memory: [total(after.samples, "process_resident_memory_bytes") / 2 ** 20],
    processor: [rate("process_cpu_seconds_total")],
  };
}

/**
 * Mean seconds of an image in each stage, since the server's start.
 * @returns {{name: string, seconds: number}[]} in the order in which an image goes through them
 */
export function stageMeans(samples) {
  return ["fetch", "load", "preprocess", "queue", "network", "decode", "draw"]
    .map((name) => {
      const of = ({ stage }) => stage === name;
      const count = total(samples, "osprey_stage_seconds_count", of);
      return { name, seconds: count > 0 ? total(samples, "osprey_stage_seconds_sum", of) / count : 0 };
    })
    .filter(({ seconds }) => seconds > 0);
}

/** Images by model since the start, the busiest first. */
export function imagesByModel(samples) {
  return samples.filter(({ name }) => name === "osprey_images_total")
    .map(({ labels, value }) => ({ name: labels.model ?? "", images: value }))
    .sort((a, b) => b.images - a.images);
}
