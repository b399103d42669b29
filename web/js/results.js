// The list of predictions beside the picture. Pointing at one brings it out on the picture.

import { byId, element, setStyle } from "./dom.js";
import { track } from "./overlay.js";
import { percent, summary } from "./predictions.js";

const MOST_ROWS = 200;

/**
 * @param {{onPoint: (id: number|null) => void}} hooks the row under the pointer or with the focus
 */
export function createResults({ onPoint }) {
  const list = byId("list");
  const rows = new Map();
  list.addEventListener("pointerleave", () => onPoint(null));
  list.addEventListener("focusout", (event) => {
    if (!list.contains(event.relatedTarget)) onPoint(null);
  });

  function row(item, kind, colour) {
    const button = element("button", { type: "button", "data-item": String(item.id) },
                           setStyle(element("span", { className: "swatch" }), { "--c": colour }),
                           element("span", { className: "name", title: item.name }, item.name),
                           element("span", { className: "value" }, percent(item.confidence)));
    if (kind === "classes") button.append(track(item.confidence, colour));
    for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, () => onPoint(item.id));
    rows.set(item.id, button);
    return element("li", {}, button);
  }

  return {
    /**
     * @param {import("./predictions.js").View} view
     * @param {import("./predictions.js").Item[]} shown
     * @param {(name: string) => string} colour
     */
    show(view, shown, colour) {
      rows.clear();
      list.replaceChildren(...shown.slice(0, MOST_ROWS).map((item) => row(item, view.kind, colour(item.name))));
      if (shown.length > MOST_ROWS) {
        list.append(element("li", { className: "more" }, `and ${shown.length - MOST_ROWS} more in the JSON below`));
      }
      byId("summary").textContent = summary(view.kind, shown);
    },

    /** Of a semantic map: the classes' shares of the picture, in the place of a confidence. */
    showShares(shares) {
      for (const [id, button] of rows) button.querySelector(".value").textContent = percent(shares.get(id) ?? 0);
    },

    /** The time it took: the server's own, and with the way there and back; a first request waits for its model. */
    showTime(server, whole, isCold) {
      byId("time").textContent = isCold ? `${milliseconds(whole)}, with loading the model`
        : `${milliseconds(server)} server, ${milliseconds(whole)} in all`;
    },

    clear(text) {
      rows.clear();
      list.replaceChildren();
      byId("summary").textContent = text;
      byId("time").textContent = "";
    },

    highlight(id, scroll) {
      for (const [one, button] of rows) button.classList.toggle("lit", one === id);
      if (scroll) rows.get(id)?.scrollIntoView({ block: "nearest" });
    },
  };
}

/** 0.0123 -> "12 ms"; below 10 with one digit. */
export function milliseconds(seconds) {
  const ms = seconds * 1000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
