// Which keypoints are joined by a line. Packages name their keypoints but not the lines; a person's are known.

const PERSON = [
  ["left_shoulder", "right_shoulder"], ["left_hip", "right_hip"], ["left_shoulder", "left_hip"], ["right_shoulder", "right_hip"],
  ["left_shoulder", "left_elbow"], ["left_elbow", "left_wrist"], ["right_shoulder", "right_elbow"], ["right_elbow", "right_wrist"],
  ["left_hip", "left_knee"], ["left_knee", "left_ankle"], ["right_hip", "right_knee"], ["right_knee", "right_ankle"],
  ["nose", "left_eye"], ["nose", "right_eye"], ["left_eye", "left_ear"], ["right_eye", "right_ear"],
];

/**
 * @param {{x: number, y: number, name: string}[]} keypoints
 * @returns {[{x: number, y: number}, {x: number, y: number}][]} the lines whose both ends are there
 */
export function bones(keypoints) {
  const plain = (name) => name.toLowerCase().replace(/[\s-]+/g, "_");
  const places = new Map(keypoints.map((point) => [plain(point.name), point]));
  return PERSON.filter(([from, to]) => places.has(from) && places.has(to)).map(([from, to]) => [places.get(from), places.get(to)]);
}
