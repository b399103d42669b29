// A semantic map: a PNG of class ids painted in the classes' colours.

import { channelsOf } from "./colours.js";

/**
 * @param {HTMLCanvasElement} canvas gets the picture's size
 * @param {string} mask PNG in base64; grey values are class ids
 * @param {(id: number) => string} colour of a class, "#rrggbb"
 * @returns {Promise<Map<number, number>>} share of the pixels, by class id
 */
export async function paintPixels(canvas, mask, colour) {
  const image = new Image();
  image.src = `data:image/png;base64,${mask}`;
  await image.decode();
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  const colours = new Map();
  for (let at = 0; at < pixels.data.length; at += 4) {
    const id = pixels.data[at];
    counts.set(id, (counts.get(id) ?? 0) + 1);
    if (!colours.has(id)) colours.set(id, id === 0 ? null : channelsOf(colour(id)));
    const painted = colours.get(id);
    if (painted) pixels.data.set(painted, at);
    pixels.data[at + 3] = painted ? 150 : 0;
  }
  context.putImageData(pixels, 0, 0);
  const all = canvas.width * canvas.height;
  return new Map([...counts].map(([id, count]) => [id, count / all]));
}
