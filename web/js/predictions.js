// A server's answer, of whatever task, in one form. Told apart by its shape: any route may answer in another task's.

/**
 * @typedef {object} Item
 * @property {number} id place in the answer
 * @property {string} name class
 * @property {number} confidence
 * @property {{x: number, y: number, width: number, height: number}} [box] its top left corner, image pixels
 * @property {{x: number, y: number}[]} [points] outline
 * @property {{x: number, y: number, name: string}[]} [keypoints]
 *
 * @typedef {object} View
 * @property {"objects"|"classes"|"pixels"} kind
 * @property {{width: number, height: number}} size of the image
 * @property {Item[]} items the most confident first
 * @property {number} seconds that the server took
 * @property {string} [mask] "pixels": a PNG in base64, whose grey values are class ids
 * @property {Object<string, string>} [classMap] "pixels": class id -> name
 */

/**
 * @param {any} answer of a /infer route, for one image
 * @returns {View}
 */
export function readAnswer(answer) {
  const found = answer.predictions;
  const view = { size: answer.image ?? { width: 1, height: 1 }, seconds: answer.time ?? 0 };
  if (Array.isArray(found)) {
    const isObjects = found.some((one) => "width" in one) || !("top" in answer);
    const items = found.map(isObjects ? objectItem : classItem);
    return { ...view, kind: isObjects ? "objects" : "classes", items: sorted(items) };
  }
  if (found && typeof found.segmentation_mask === "string") {
    return { ...view, kind: "pixels", mask: found.segmentation_mask, classMap: found.class_map ?? {}, items: pixelItems(found) };
  }
  const items = Object.entries(found ?? {}).map(([name, one], id) => ({ id, name, confidence: one.confidence }));
  return { ...view, kind: "classes", items: sorted(items) };
}

function objectItem(one, id) {
  const item = {
    id, name: String(one.class), confidence: one.confidence,
    box: { x: one.x - one.width / 2, y: one.y - one.height / 2, width: one.width, height: one.height },
  };
  if (Array.isArray(one.points) && one.points.length > 2) item.points = one.points;
  if (Array.isArray(one.keypoints)) item.keypoints = one.keypoints.map(({ x, y, class: name }) => ({ x, y, name: String(name) }));
  return item;
}

const classItem = (one, id) => ({ id, name: String(one.class), confidence: one.confidence });

/** One item a class that is there; the background, id 0, is none. Their shares come with the pixels: see pixels.js. */
function pixelItems({ class_map: map = {}, present_class_ids: present = [] }) {
  return present.filter((id) => id !== 0).map((id) => ({ id, name: String(map[id] ?? id), confidence: NaN }));
}

const sorted = (items) => items.sort((a, b) => b.confidence - a.confidence);

/**
 * What the slider leaves: all that reaches the threshold. Semantic classes have no confidence and stay.
 * @param {View} view
 * @param {number} confidence
 * @returns {Item[]}
 */
export function passing(view, confidence) {
  return view.items.filter((item) => Number.isNaN(item.confidence) || item.confidence >= confidence);
}

/**
 * The smallest object whose box holds a point: of two, one in the other, the inner one is meant.
 * @param {Item[]} items
 * @returns {Item|null}
 */
export function itemAt(items, x, y) {
  let best = null;
  for (const item of items) {
    const { box } = item;
    if (!box || x < box.x || y < box.y || x > box.x + box.width || y > box.y + box.height) continue;
    if (!best || box.width * box.height < best.box.width * best.box.height) best = item;
  }
  return best;
}

/** In words: "7 objects: 2 cats, 1 dog" with the most frequent first; for a screen reader and as a summary. */
export function summary(kind, items) {
  if (items.length === 0) return kind === "classes" ? "No class reaches this confidence." : "Nothing found at this confidence.";
  if (kind === "classes") return `${items[0].name}, ${percent(items[0].confidence)}`;
  if (kind === "pixels") return items.length === 1 ? "1 class in the picture" : `${items.length} classes in the picture`;
  const counts = new Map();
  for (const { name } of items) counts.set(name, (counts.get(name) ?? 0) + 1);
  const named = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 4).map(([name, count]) => `${count} ${name}`);
  const rest = counts.size > 4 ? ` and ${counts.size - 4} more classes` : "";
  return `${items.length} ${items.length === 1 ? "object" : "objects"}: ${named.join(", ")}${rest}`;
}

/** 0.876 -> "88 %"; nothing for what has no confidence. */
export const percent = (share) => (Number.isNaN(share) ? "" : share > 0 && share < 0.01 ? "<1 %" : `${Math.round(share * 100)} %`);
