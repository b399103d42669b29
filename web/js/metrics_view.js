// The view of metrics: reads /metrics while it is seen, and draws.

import { byId, element, setStyle } from "./dom.js";
import { createLineChart } from "./line_chart.js";
import { parseMetrics } from "./metrics_text.js";
import { imagesByModel, pointsBetween, stageMeans } from "./readings.js";
import { milliseconds } from "./results.js";

const INTERVAL = 2; // seconds
const POINTS = 60;

const CHARTS = {
  requests: { title: "Predictions", unit: "/s", series: ["answered"] },
  latency: { title: "Latency", unit: "ms", series: ["p50", "p90", "p99"], least: 10 },
  queue: { title: "Queue", unit: "", series: ["waiting", "running"], least: 4 },
  refused: { title: "Refused and failed", unit: "/s", series: ["server (5xx)", "client (4xx)"] },
  models: { title: "Models in memory", unit: "", series: ["live", "loading"], least: 4 },
  memory: { title: "Memory", unit: "MiB", series: ["resident"], least: 50 },
  processor: { title: "Processor", unit: "cores", series: ["used"] },
};

/**
 * @param {{getText: (path: string) => Promise<string>}} api
 * @returns {{show: (isShown: boolean) => void}}
 */
export function createMetricsView(api) {
  const charts = new Map();
  let previous = null;
  let timer = 0;
  let isShown = false;

  function makeCharts() {
    for (const [name, options] of Object.entries(CHARTS)) {
      charts.set(name, createLineChart({ ...options, points: POINTS, interval: INTERVAL }));
      byId("charts").insertBefore(charts.get(name).node, byId("stages").parentElement);
    }
  }

  async function read() {
    clearTimeout(timer);
    try {
      const reading = { samples: parseMetrics(await api.getText("metrics")), time: performance.now() / 1000 };
      byId("metrics-note").textContent = "Read every two seconds while this is in view. Monitoring systems find the same at /metrics.";
      if (previous) {
        for (const [name, values] of Object.entries(pointsBetween(previous, reading))) charts.get(name).add(values);
      }
      previous = reading;
      showTables(reading.samples);
    } catch (problem) {
      byId("metrics-note").textContent = problem.message;
      previous = null;
    }
    clearTimeout(timer);
    if (isShown && !document.hidden) timer = setTimeout(read, INTERVAL * 1000);
  }

  document.addEventListener("visibilitychange", () => {
    if (isShown && !document.hidden) read();
  });
  return {
    show(shown) {
      isShown = shown;
      clearTimeout(timer);
      if (!shown) return;
      if (charts.size === 0) makeCharts();
      previous = null; // a gap is not a slow second
      read().then(() => isShown && charts.size > 0 && setTimeout(read, 500)); // the first points need a second reading
    },
  };
}

function showTables(samples) {
  const stages = stageMeans(samples);
  fill("stages", stages.map(({ name, seconds }) => [name, seconds, milliseconds(seconds)]));
  fill("loads", imagesByModel(samples).map(({ name, images }) => [name, images, images.toLocaleString("en")]));
}

function fill(id, rows) {
  if (rows.length === 0) {
    byId(id).replaceChildren(element("p", { className: "quiet" }, "Nothing was predicted yet."));
    return;
  }
  const most = Math.max(...rows.map(([, value]) => value));
  const body = rows.map(([name, value, text]) => element(
    "tr", {}, element("th", { scope: "row" }, name),
    element("td", { className: "meter", "aria-hidden": "true" }, setStyle(element("span"), { width: `${(value / most) * 100}%` })),
    element("td", {}, text)));
  byId(id).replaceChildren(element("table", {}, element("tbody", {}, ...body)));
}
