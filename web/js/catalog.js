// The models that this server can serve.

import { TASKS } from "./tasks.js";

/**
 * @typedef {object} Model
 * @property {string} id
 * @property {string} task
 * @property {string} family
 * @property {boolean} live whether it is in memory
 * @property {string} error of a broken one; else empty
 * @property {{width: number, height: number}|null} input null: any size, or not known
 * @property {string[]} classes
 * @property {Object<string, string>} colors
 * @property {string[]} keypoints names, of all classes
 */

/**
 * @param {any} answer of /model/catalog
 * @returns {Model[]}
 */
export function readCatalog(answer) {
  return answer.models.map((one) => ({
    id: one.model_id, task: one.task ?? "", family: one.family ?? "", live: one.live === true,
    error: one.state === "broken" ? one.error || "It cannot be read." : "", input: one.input ?? null,
    classes: one.classes ?? [], colors: one.colors ?? {}, keypoints: [...new Set((one.keypoints ?? []).flat())],
  }));
}

/** The model to begin with: a detector, else what there is. */
export function firstModel(models) {
  const sound = models.filter((model) => !model.error);
  for (const task of Object.keys(TASKS)) {
    const found = sound.find((model) => model.task === task);
    if (found) return found;
  }
  return sound[0] ?? null;
}

/** "1 class", "16 classes, 320 x 320, yolov8" */
export function modelFacts(model) {
  const facts = [];
  if (model.classes.length > 0) facts.push(model.classes.length === 1 ? "1 class" : `${model.classes.length} classes`);
  if (model.keypoints.length > 0) facts.push(`${model.keypoints.length} keypoints`);
  facts.push(inputText(model));
  if (model.family) facts.push(model.family);
  return facts.filter((fact) => fact).join(" · ");
}

/** "320 × 320 pixels" */
export const inputText = (model) => (model.input ? `${model.input.width} × ${model.input.height} pixels` : "");
