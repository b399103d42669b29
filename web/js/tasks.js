// The tasks: where each is asked, and what can be set for it.

/**
 * @typedef {object} Task
 * @property {string} label for people
 * @property {string} path where requests go, without a leading slash
 * @property {boolean} overlap whether boxes that overlap are merged
 * @property {number} confidence where the slider starts
 */

/** @type {Object<string, Task>} by the catalog's name */
export const TASKS = {
  "object-detection": { label: "Object detection", path: "infer/object_detection", overlap: true, confidence: 0.4 },
  "instance-segmentation": { label: "Instance segmentation", path: "infer/instance_segmentation", overlap: true, confidence: 0.4 },
  "keypoint-detection": { label: "Keypoints", path: "infer/keypoints_detection", overlap: true, confidence: 0.4 },
  // Of a classification one wants to see the runners-up, too.
  "classification": { label: "Classification", path: "infer/classification", overlap: false, confidence: 0.02 },
  "multi-label-classification": { label: "Multi-label classification", path: "infer/classification", overlap: false, confidence: 0.4 },
  "semantic-segmentation": { label: "Semantic segmentation", path: "infer/semantic_segmentation", overlap: false, confidence: 0.4 },
};

/** The task of that name; one that this page does not know is asked as a detection, which any model answers. */
export const taskOf = (name) => TASKS[name] ?? { ...TASKS["object-detection"], label: name };

/**
 * The body of a request, as the page sends it and its snippets show it.
 * @param {{modelId: string, task: string, confidence: number, overlap: number}} choice
 * @returns {Object<string, any>} without the image
 */
export function requestFields({ modelId, task, confidence, overlap }) {
  const fields = { model_id: modelId, confidence };
  if (taskOf(task).overlap) fields.iou_threshold = overlap;
  return fields;
}
