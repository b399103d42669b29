// The view of models: what each is, and how it is called.

import { inputText } from "./catalog.js";
import { colourOf } from "./colours.js";
import { byId, element, setStyle } from "./dom.js";
import { curlSnippet } from "./snippets.js";
import { taskOf } from "./tasks.js";

const FEW = 12;

/**
 * @param {import("./catalog.js").Model[]} models
 * @param {{origin: string, withKey: boolean, onTry: (model: import("./catalog.js").Model) => void}} options
 */
export function showModelCards(models, options) {
  const live = models.filter((model) => model.live).length;
  byId("models-note").textContent = models.length === 0
    ? "There is no model yet. Put an ONNX file at <models>/<project>/<version>/, or add it with: inference model add best.onnx"
    : `${models.length} ${models.length === 1 ? "model" : "models"}, ${live} in memory. A model is loaded by its first request.`;
  byId("cards").replaceChildren(...models.map((model) => card(model, options)));
}

function card(model, { origin, withKey, onTry }) {
  const task = taskOf(model.task);
  const made = element("li", { className: "card" }, element("h2", {}, model.id));
  if (model.error) {
    made.append(element("div", { className: "badges" }, element("span", { className: "badge bad" }, "broken")),
                element("p", { className: "problem" }, model.error));
    return made;
  }
  made.append(element("div", { className: "badges" }, element("span", { className: "badge" }, task.label),
                      element("span", { className: model.live ? "badge on" : "badge" }, model.live ? "in memory" : "on disk")),
              facts([["Input", inputText(model) || "any size"], ["Network", model.family], ["Called at", `POST /${task.path}`]]));
  if (model.classes.length > 0) made.append(...classChips(model));
  const call = curlSnippet({ origin, modelId: model.id, task: model.task, confidence: task.confidence, overlap: 0.3, file: "picture.jpg", withKey });
  made.append(
    element("details", {}, element("summary", {}, "How to call it"), element("pre", { tabIndex: 0, "aria-label": `Request to ${model.id}` }, call)),
    element("div", { className: "actions" },
            element("button", { type: "button", "aria-label": `Try ${model.id}`, onclick: () => onTry(model) }, "Try it")));
  return made;
}

function facts(rows) {
  const list = element("dl");
  for (const [name, value] of rows) {
    if (value) list.append(element("dt", {}, name), element("dd", {}, value));
  }
  return list;
}

/** The first classes, and the others once asked for. */
function classChips(model) {
  const chip = (name) => element(
    "span", { className: "chip" }, setStyle(element("i"), { "--c": colourOf(name, model.colors) }), name);
  const row = (names) => element("div", { className: "chips" }, ...names.map(chip));
  if (model.classes.length <= FEW + 4) return [row(model.classes)];
  const others = element("details", {}, element("summary", {}, `${model.classes.length - FEW} more classes`));
  others.addEventListener("toggle", () => { // made only when asked for: there may be thousands
    if (others.open && others.childElementCount === 1) {
      const box = row(model.classes.slice(FEW));
      box.classList.add("scroll");
      others.append(box);
    }
  });
  return [row(model.classes.slice(0, FEW)), others];
}
