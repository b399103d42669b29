// Choosing a model: from the catalog, or by an id that only a registry knows.

import { modelFacts } from "./catalog.js";
import { byId, element } from "./dom.js";
import { TASKS, taskOf } from "./tasks.js";

const OTHER = "other:";

/**
 * @param {{onModel: (model: import("./catalog.js").Model) => void}} hooks a person chose this one
 */
export function createModelPicker({ onModel }) {
  const select = byId("model");
  let models = [];
  byId("other-task").append(...Object.entries(TASKS).map(([value, task]) => element("option", { value }, task.label)));

  select.addEventListener("change", () => {
    const chosen = models.find((model) => model.id === select.value);
    byId("other").hidden = select.value !== OTHER;
    byId("model-facts").textContent = chosen ? modelFacts(chosen) : "";
    if (chosen) onModel(chosen);
    else byId("other-id").focus();
  });
  byId("other").addEventListener("submit", (event) => {
    event.preventDefault();
    const id = byId("other-id").value.trim();
    if (!id) return byId("other-id").focus();
    onModel({ id, task: byId("other-task").value, family: "", live: false, error: "", input: null, classes: [], colors: {}, keypoints: [] });
  });

  return {
    /** Fills the list; one group a task. Broken models can be seen in the view of models only. */
    fill(all) {
      models = all.filter((model) => !model.error);
      const tasks = [...new Set(models.map((model) => model.task))];
      const groups = tasks.map((task) => element(
        "optgroup", { label: taskOf(task).label },
        ...models.filter((model) => model.task === task).map((model) => element("option", { value: model.id }, model.id))));
      select.replaceChildren(...groups, element("option", { value: OTHER }, "Another model …"));
      byId("other").hidden = models.length > 0;
    },
    /** Shows a model as the chosen one. */
    show(model) {
      if (!models.some((one) => one.id === model.id)) return;
      select.value = model.id;
      byId("other").hidden = true;
      byId("model-facts").textContent = modelFacts(model);
    },
  };
}
