// Which view is shown: the address says it, so that the browser's buttons work and a view can be linked to.

import { byId } from "./dom.js";

const VIEWS = ["demo", "models", "metrics"];

/**
 * @param {Object<string, (isShown: boolean) => void>} hooks by view; called when it comes and when it goes
 */
export function connectViews(hooks) {
  let current = "";
  function show() {
    const asked = location.hash.slice(1);
    const next = VIEWS.includes(asked) ? asked : "demo";
    if (next === current) return;
    const previous = current;
    current = next;
    for (const view of VIEWS) byId(`view-${view}`).hidden = view !== next;
    for (const link of document.querySelectorAll("[data-view]")) {
      if (link.dataset.view === next) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.title = next === "demo" ? "Osprey" : `Osprey: ${next}`;
    hooks[previous]?.(false);
    hooks[next]?.(true);
    if (previous) scrollTo(0, 0);
  }
  addEventListener("hashchange", show);
  show();
}
