// The picture to predict on: chosen, dropped, pasted, taken, or a sample.

import { byId, element, setStyle } from "./dom.js";

const SAMPLES = [
  { name: "grapes.jpg", label: "Grapes, a ball and cats" },
  { name: "astronaut.jpg", label: "An astronaut with stickers" },
  { name: "carrot.jpg", label: "A carrot and apples" },
  { name: "strawberry.jpg", label: "A strawberry" },
  { name: "cherries.jpg", label: "Cherries" },
];

/**
 * @typedef {object} Picture
 * @property {string} name of its file
 * @property {string} base64
 */

/**
 * @param {{onPicture: (picture: Picture) => void, onProblem: (text: string) => void}} hooks
 */
export function createPictures({ onPicture, onProblem }) {
  const image = byId("image");
  const buttons = SAMPLES.map((sample) => element(
    "button", { type: "button", "aria-pressed": "false", "aria-label": sample.label, title: sample.label, onclick: () => useSample(sample) },
    element("img", { src: `static/page/samples/${sample.name}`, alt: "", width: 76, height: 58 })));
  byId("samples").append(...buttons);
  let shownUrl = "";
  let newest = 0; // of several at a time, the last one counts

  /** Shows a picture and hands it on; `sample`: which button it came from. */
  async function use(blob, name, sample = null) {
    const turn = ++newest;
    const url = URL.createObjectURL(blob);
    const probe = new Image();
    probe.src = url;
    try {
      await probe.decode();
    } catch {
      URL.revokeObjectURL(url);
      return onProblem(`“${name}” is no image that this browser can show. JPEG, PNG, WebP, GIF and BMP work.`);
    }
    const base64 = await base64Of(blob);
    if (turn !== newest) return URL.revokeObjectURL(url);
    URL.revokeObjectURL(shownUrl);
    shownUrl = url;
    image.src = url;
    image.alt = sample ? sample.label : `Your picture ${name}`;
    setStyle(byId("picture"), { "--ratio": probe.naturalWidth / probe.naturalHeight, "--width": probe.naturalWidth });
    byId("picture").hidden = false;
    SAMPLES.forEach((one, at) => buttons[at].setAttribute("aria-pressed", String(one === sample)));
    onPicture({ name, base64 });
  }

  async function useSample(sample) {
    const response = await fetch(`static/page/samples/${sample.name}`);
    if (!response.ok) return onProblem("The sample could not be loaded.");
    return use(await response.blob(), sample.name, sample);
  }

  const useFiles = (files) => {
    if (files.length > 0) use(files[0], files[0].name || "picture.png");
  };
  byId("file").addEventListener("change", (event) => {
    useFiles(event.target.files);
    event.target.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => useFiles(event.clipboardData.files));
  acceptDrops(useFiles);
  return { use, useFirstSample: () => useSample(SAMPLES[0]) };
}

/** The whole page takes files, so that one that misses the picture does not replace the page. */
function acceptDrops(useFiles) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener("drop", (event) => {
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    useFiles(event.dataTransfer.files);
  });
}

/** @returns {Promise<string>} */
function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
