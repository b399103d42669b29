// The demo: a picture and a model in, predictions out, drawn and listed. The last request wins.

import { colourOf } from "./colours.js";
import { createCodePanel } from "./code_panel.js";
import { connectCamera } from "./camera.js";
import { byId } from "./dom.js";
import { createOverlay } from "./overlay.js";
import { createPictures } from "./picture.js";
import { passing, readAnswer } from "./predictions.js";
import { createResults } from "./results.js";
import { connectSliders } from "./sliders.js";
import { requestFields, taskOf } from "./tasks.js";

/**
 * @param {ReturnType<import("./api.js").createApi>} api
 * @param {ReturnType<import("./store.js").createStore>} store with model, picture, confidence, overlap, answer, view
 * @param {{origin: string, onPredicted: () => void}} options
 */
export function createDemo(api, store, { origin, onPredicted }) {
  const point = (id, scroll) => {
    overlay.highlight(id);
    results.highlight(id, scroll);
  };
  const overlay = createOverlay({ onPoint: (id) => point(id, true) });
  const results = createResults({ onPoint: (id) => point(id, false) });
  const pictures = createPictures({
    onPicture: (picture) => store.set({ picture }),
    onProblem: (text) => tellProblem(text),
  });
  connectCamera({ onBlob: pictures.use });
  connectSliders(store, { onRest: predict });
  const panel = createCodePanel(() => {
    const { answer, model, picture, confidence, overlap } = store.get();
    const choice = { origin, modelId: model?.id ?? "project/1", task: model?.task ?? "object-detection", confidence, overlap,
                     file: picture?.name ?? "picture.jpg", withKey: api.hasKey() };
    return { answer, choice };
  });
  const again = byId("problem").querySelector("button");
  again.addEventListener("click", predict);
  let running = null;

  function tellProblem(text, canRetry = false) {
    byId("problem").firstElementChild.textContent = text;
    again.hidden = !canRetry;
    byId("problem").hidden = text === "";
  }

  async function predict() {
    const { model, picture, confidence, overlap } = store.get();
    if (!model || !picture) return;
    running?.abort();
    const turn = running = new AbortController();
    byId("busy").hidden = false;
    if (!store.get().view) results.clear("Predicting …");
    try {
      const fields = requestFields({ modelId: model.id, task: model.task, confidence, overlap });
      const body = { ...fields, image: { type: "base64", value: picture.base64 } };
      const { answer, seconds, isCold } = await api.postJson(taskOf(model.task).path, body, turn.signal);
      if (turn !== running) return;
      tellProblem("");
      store.set({ answer, view: readAnswer(answer) });
      results.showTime(answer.time ?? 0, seconds, isCold);
      onPredicted();
    } catch (problem) {
      if (problem.name === "AbortError" || turn !== running) return;
      tellProblem(problem.message, problem.status === 0 || problem.status >= 500);
      store.set({ answer: null, view: null });
      results.clear("");
    } finally {
      if (turn === running) byId("busy").hidden = true;
    }
  }

  async function draw() {
    const { view, confidence, model } = store.get();
    if (!view) {
      overlay.clear();
      results.clear("");
      return;
    }
    const colour = (name) => colourOf(name, model?.colors);
    const shown = passing(view, confidence);
    results.show(view, shown, colour);
    const shares = await overlay.draw(view, shown, colour);
    if (shares && store.get().view === view) results.showShares(shares);
  }

  store.on(["view", "confidence"], draw);
  store.on(["answer", "model", "picture", "confidence", "overlap"], () => panel.refresh());
  store.on(["picture"], () => store.set({ answer: null, view: null }));
  let start = 0.4; // what the task of the model before began with
  store.on(["model"], ({ model, confidence }) => {
    const task = taskOf(model.task);
    byId("overlap-row").hidden = !task.overlap;
    // A threshold that a person set is kept among tasks for which it means the same.
    store.set({ answer: null, view: null, confidence: task.confidence === start ? confidence : task.confidence });
    start = task.confidence;
  });
  store.on(["model", "picture"], predict);
  return { predict, tellProblem, useFirstSample: pictures.useFirstSample, refresh: panel.refresh };
}
