// The page: its parts made and handed to each other.

import { createApi } from "./api.js";
import { firstModel, readCatalog } from "./catalog.js";
import { createDemo } from "./demo.js";
import { byId } from "./dom.js";
import { createMetricsView } from "./metrics_view.js";
import { showModelCards } from "./model_cards.js";
import { createModelPicker } from "./model_picker.js";
import { createStore } from "./store.js";
import { connectTheme } from "./theme.js";
import { connectViews } from "./views.js";

const origin = new URL(".", location.href).href.replace(/\/$/, "");
const store = createStore({
  models: [], model: null, picture: null, confidence: 0.4, overlap: 0.3, answer: null, view: null,
});
const api = createApi({ onKeyWanted: () => { byId("key-form").hidden = false; } });
const demo = createDemo(api, store, { origin, onPredicted: noteLive });
const picker = createModelPicker({ onModel: (model) => store.set({ model }) });
const metrics = createMetricsView(api);

function useModel(model) {
  store.set({ model });
  picker.show(model);
}

/** A prediction loads its model. */
function noteLive() {
  const { model, models } = store.get();
  if (models.some((one) => one.id === model.id && !one.live)) {
    store.set({ models: models.map((one) => (one.id === model.id ? { ...one, live: true } : one)) });
  }
}

function showEmpty(text) {
  byId("empty").textContent = text;
  byId("empty").hidden = text === "";
}

async function loadModels() {
  try {
    const models = readCatalog(await api.getJson("model/catalog"));
    store.set({ models });
    const first = firstModel(models);
    picker.fill(models);
    if (first && !store.get().model) useModel(first);
    showEmpty(first ? "" : "No model yet. Put an ONNX file into the models folder, or name a model of a registry above the sliders.");
  } catch (problem) {
    picker.fill([]);
    byId("models-note").textContent = problem.message;
    if (problem.status === 404) return; // this server does not tell its models: they can be named
    demo.tellProblem(problem.message);
  }
}

async function showStatus() {
  const set = (state, text) => {
    byId("status").dataset.state = state;
    byId("status").lastElementChild.textContent = text;
  };
  try {
    byId("version").textContent = (await api.getJson("info")).version;
    await api.getJson("readiness");
    set("ready", "ready");
  } catch (problem) {
    if (problem.status === 503) set("busy", "loading its models");
    else set("gone", "no answer");
  }
}

async function start() {
  await Promise.all([loadModels(), demo.useFirstSample(), showStatus()]);
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  api.setKey(byId("key").value.trim());
  byId("key").value = "";
  byId("key-form").hidden = true;
  demo.tellProblem("");
  demo.refresh();
  loadModels().then(demo.predict);
});

store.on(["models"], ({ models }) => showModelCards(models, {
  origin, withKey: api.hasKey(),
  onTry(model) {
    useModel(model);
    location.hash = "demo";
  },
}));
connectTheme();
connectViews({ models: (isShown) => isShown && loadModels(), metrics: metrics.show });
setInterval(showStatus, 15_000);
start();
