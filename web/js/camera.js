// A picture from the camera. Browsers give it to secure pages only (https, or localhost); elsewhere a phone's own camera
// app is asked through a file field.

import { byId, element } from "./dom.js";

/**
 * @param {{onBlob: (blob: Blob, name: string) => void}} hooks
 */
export function connectCamera({ onBlob }) {
  const dialog = byId("camera-dialog");
  const video = byId("video");
  let stream = null;

  function stop() {
    for (const one of stream?.getTracks() ?? []) one.stop();
    stream = null;
    video.srcObject = null;
  }

  function tell(text) {
    byId("camera-problem").textContent = text;
    byId("camera-problem").hidden = text === "";
  }

  async function open() {
    if (!navigator.mediaDevices) {
      const field = element("input", { type: "file", accept: "image/*", "capture": "environment" });
      field.addEventListener("change", () => field.files.length > 0 && onBlob(field.files[0], "camera.jpg"));
      field.click();
      return;
    }
    tell("");
    byId("shoot").disabled = true;
    dialog.showModal();
    try {
      const given = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
      stream = given;
      if (!dialog.open) return stop(); // closed while it was asked for
      video.srcObject = stream;
      await video.play();
      byId("shoot").disabled = false;
    } catch (problem) {
      tell(problem.name === "NotAllowedError" ? "The browser may not use the camera; allow it in the address bar." : "No camera was found.");
    }
  }

  byId("camera").addEventListener("click", open);
  byId("camera-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
  byId("shoot").addEventListener("click", () => {
    const canvas = element("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => blob && onBlob(blob, "camera.jpg"), "image/jpeg", 0.92);
    dialog.close();
  });
}
