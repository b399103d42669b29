// A line chart of the last minutes, in SVG.

import { element, shape } from "./dom.js";

const HEIGHT = 132;
const MARGIN = { left: 40, right: 6, top: 8, bottom: 18 };

/**
 * @typedef {object} ChartOptions
 * @property {string} title
 * @property {string} unit
 * @property {string[]} series names; the first is drawn the strongest
 * @property {number} points how many fit
 * @property {number} interval seconds between two
 * @property {number} [least] the axis reaches at least this value
 */

/**
 * @param {ChartOptions} options
 * @returns {{node: HTMLElement, add: (values: number[]) => void}}
 */
export function createLineChart({ title, unit, series, points, interval, least = 1 }) {
  const history = [];
  const now = element("p", { className: "now" });
  const svg = shape("svg", { "role": "img", "aria-label": `${title}: no values yet` });
  const node = element("section", { className: "chart" }, element("h2", {}, title), now, svg);
  new ResizeObserver(draw).observe(svg);

  function draw() {
    const width = svg.clientWidth;
    if (width === 0) return;
    const top = niceTop(Math.max(least, ...history.flat().filter((value) => !Number.isNaN(value))));
    const x = (at) => MARGIN.left + ((at + points - history.length) / (points - 1)) * (width - MARGIN.left - MARGIN.right);
    const y = (value) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    const parts = [];
    for (const share of [0, 0.5, 1]) {
      parts.push(shape("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: Math.round(y(top * share)), y2: Math.round(y(top * share)) }),
                 shape("text", { "x": MARGIN.left - 7, "y": y(top * share) + 4, "text-anchor": "end" }, compact(top * share)));
    }
    parts.push(shape("text", { x: MARGIN.left, y: HEIGHT - 3 }, `${Math.round((points * interval) / 60)} min ago`),
               shape("text", { "x": width - MARGIN.right, "y": HEIGHT - 3, "text-anchor": "end" }, "now"));
    for (let index = series.length - 1; index >= 0; --index) {
      const path = linePath(history.map((values) => values[index]), x, y);
      if (index === 0 && series.length === 1 && path && history.length > 1) {
        parts.push(shape("path", { class: "under", d: `${path}V${y(0)}H${x(history.findIndex((values) => !Number.isNaN(values[0])))}Z` }));
      }
      parts.push(shape("path", { class: `line series-${index}`, d: path }));
    }
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.replaceChildren(...parts);
  }

  return {
    node,
    add(values) {
      history.push(values);
      if (history.length > points) history.shift();
      const texts = values.map((value) => (Number.isNaN(value) ? "–" : `${precise(value)}${unit ? ` ${unit}` : ""}`));
      now.replaceChildren(element("strong", {}, texts[0]), ...(series.length > 1
        ? series.map((name, index) => element("span", { className: `key series-${index}` }, index === 0 ? name : `${name} ${texts[index]}`))
        : []));
      svg.setAttribute("aria-label", `${title}: ${series.map((name, index) => `${name} ${texts[index]}`).join(", ")}`);
      draw();
    },
  };
}

/** Where there is no value, the line has a gap. */
function linePath(values, x, y) {
  let path = "";
  let isDown = false;
  values.forEach((value, at) => {
    if (!Number.isNaN(value)) path += `${isDown ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}${isDown ? "" : "h0"}`;
    isDown = !Number.isNaN(value);
  });
  return path;
}

/** The next of 1, 2, 4, 5 and 10 times a power of ten: its half is round, too. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((step) => step * power).find((top) => top >= value * 0.999) ?? value;
}

const compact = (value) => (value >= 1000 ? `${+(value / 1000).toFixed(1)}k` : String(+value.toFixed(2)));
const precise = (value) => (value >= 100 ? Math.round(value) : +value.toFixed(value < 10 ? 1 : 0)).toLocaleString("en");
