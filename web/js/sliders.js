// The two sliders. While one moves, the page shows at once what it can; the server is asked when it rests.

import { byId, debounced } from "./dom.js";

const REST = 220; // ms

/**
 * @param {import("./store.js").createStore} store with `confidence` and `overlap`
 * @param {{onRest: () => void}} hooks
 */
export function connectSliders(store, { onRest }) {
  const rest = debounced(onRest, REST);
  for (const name of ["confidence", "overlap"]) {
    const slider = byId(name);
    slider.addEventListener("input", () => {
      store.set({ [name]: Number(slider.value) });
      rest();
    });
    const show = (state) => {
      slider.value = String(state[name]);
      const text = `${Math.round(state[name] * 100)} %`;
      slider.setAttribute("aria-valuetext", text);
      byId(`${name}-value`).textContent = text;
    };
    store.on([name], show);
    show(store.get());
  }
}
