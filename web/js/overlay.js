// What is drawn over the picture: boxes, outlines, keypoints, class bars. Shapes are SVG in image pixels, so that they fit
// at every size; tags are HTML, so that their text keeps its size.

import { textOn } from "./colours.js";
import { byId, element, setStyle, shape } from "./dom.js";
import { paintPixels } from "./pixels.js";
import { itemAt, percent } from "./predictions.js";
import { bones } from "./skeleton.js";

const MOST_TAGS = 24; // with more, only the one that is pointed at has its tag
const MOST_BARS = 5;

/**
 * @param {{onPoint: (id: number|null) => void}} hooks the item under the pointer, by id
 */
export function createOverlay({ onPoint }) {
  const picture = byId("picture");
  const shapes = byId("shapes");
  const tags = byId("tags");
  const canvas = byId("pixels");
  let items = [];
  let size = { width: 1, height: 1 };

  picture.addEventListener("pointermove", (event) => {
    const area = picture.getBoundingClientRect();
    const x = ((event.clientX - area.left) / area.width) * size.width;
    const y = ((event.clientY - area.top) / area.height) * size.height;
    onPoint(itemAt(items, x, y)?.id ?? null);
  });
  picture.addEventListener("pointerleave", () => onPoint(null));

  function clear() {
    items = [];
    shapes.replaceChildren();
    tags.replaceChildren();
    canvas.hidden = true;
  }

  return {
    clear,

    /**
     * Draws items of a view, in the place of what was there.
     * @param {import("./predictions.js").View} view
     * @param {import("./predictions.js").Item[]} shown those that pass
     * @param {(name: string) => string} colour of a class
     * @returns {Promise<Map<number, number>|null>} of a semantic map: the classes' shares
     */
    async draw(view, shown, colour) {
      clear();
      items = shown;
      size = view.size;
      shapes.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      picture.classList.toggle("crowded", view.kind === "objects" && shown.length > MOST_TAGS);
      if (view.kind === "pixels") {
        const shares = await paintPixels(canvas, view.mask, (id) => colour(String(view.classMap[id] ?? id)));
        canvas.hidden = false;
        return shares;
      }
      if (view.kind === "classes") {
        if (shown.length > 0) tags.append(classBars(shown, colour));
        return null;
      }
      // The largest first, so that the small ones lie on top.
      for (const item of [...shown].sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)) {
        shapes.append(objectShape(item, colour(item.name)));
        tags.append(objectTag(item, colour(item.name), size));
      }
      return null;
    },

    /** Brings one item out, or with null all of them. */
    highlight(id) {
      picture.classList.toggle("some-lit", id !== null && canvas.hidden && shapes.childElementCount > 0);
      for (const one of picture.querySelectorAll("[data-item]")) one.classList.toggle("lit", one.dataset.item === String(id));
    },
  };
}

function objectShape(item, colour) {
  const group = setStyle(shape("g", { class: "shape", "data-item": item.id }), { "--c": colour });
  const box = { x: item.box.x, y: item.box.y, width: item.box.width, height: item.box.height, rx: 1 };
  if (item.points) {
    const path = `M${item.points.map(({ x, y }) => `${x} ${y}`).join("L")}Z`;
    group.append(shape("path", { d: path, class: "area" }), shape("path", { d: path, class: "casing" }),
                 shape("path", { d: path, class: "edge" }));
  } else {
    group.append(shape("rect", { ...box, class: "casing" }), shape("rect", { ...box, class: "edge" }));
  }
  for (const [from, to] of bones(item.keypoints ?? [])) {
    group.append(shape("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: "bone" }));
  }
  for (const { x, y } of item.keypoints ?? []) {
    // A line of no length with round ends is a dot of the same size at every scale.
    group.append(shape("path", { d: `M${x} ${y}h0`, class: "joint casing" }), shape("path", { d: `M${x} ${y}h0`, class: "joint" }));
  }
  return group;
}

function objectTag(item, colour, size) {
  const { box } = item;
  const tag = element("span", { className: "tag", "data-item": String(item.id) }, `${item.name} ${percent(item.confidence)}`);
  const isRight = box.x > size.width * 0.78;
  tag.classList.toggle("left", isRight);
  tag.classList.toggle("inside", box.y < size.height * 0.05);
  const share = (part, all) => `${(Math.min(Math.max(part, 0), all) / all) * 100}%`;
  return setStyle(tag, {
    "left": share(isRight ? box.x + box.width : box.x, size.width), "top": share(box.y, size.height),
    "--c": colour, "--on-c": textOn(colour),
  });
}

function classBars(shown, colour) {
  const rows = shown.slice(0, MOST_BARS).map((item) => element(
    "div", { className: "row", "data-item": String(item.id) },
    element("span", {}, item.name), element("span", {}, percent(item.confidence)), track(item.confidence, colour(item.name))));
  return element("div", { className: "bars" }, ...rows);
}

/** A bar that is full at 1. */
export function track(share, colour) {
  const fill = setStyle(element("span", { className: "fill" }), { "width": `${Math.min(Math.max(share, 0), 1) * 100}%`, "--c": colour });
  return element("span", { className: "track", "aria-hidden": "true" }, fill);
}
