// The tabs under the picture: the answer as JSON, the request as code, and a button that copies what is shown.

import { byId, element } from "./dom.js";
import { cppSnippet, curlSnippet, pythonSnippet } from "./snippets.js";

const MOST_CHARACTERS = 200_000; // of JSON to show: outlines may be long, and nobody reads more

/** The answer, indented; outlines' points stay on one line each. */
export function shownJson(answer) {
  const text = JSON.stringify(answer, null, 2).replace(/\{\s+"x": (\S+),\s+"y": (\S+)\s+\}/g, '{"x": $1, "y": $2}');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}\n... cut here; the answer has more` : text;
}

const TABS = [
  { id: "json", label: "JSON", text: ({ answer }) => (answer ? shownJson(answer) : "No answer yet.") },
  { id: "curl", label: "curl", text: ({ choice }) => curlSnippet(choice) },
  { id: "python", label: "Python", text: ({ choice }) => pythonSnippet(choice) },
  { id: "cpp", label: "C++", text: ({ choice }) => cppSnippet(choice) },
];

/**
 * @param {() => {answer: any, choice: import("./snippets.js").Choice}} content of the moment
 * @returns {{refresh: () => void}} shows what is now
 */
export function createCodePanel(content) {
  const code = byId("code");
  let current = TABS[0];
  const buttons = TABS.map((tab) => element("button", {
    type: "button", id: `tab-${tab.id}`, "role": "tab", "aria-controls": "code", onclick: () => choose(tab),
  }, tab.label));
  byId("tabs").append(...buttons);

  // As the pattern for tabs has it: one stop for the Tab key, arrows between them.
  byId("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = TABS.indexOf(current);
    let next = step ? (at + step + TABS.length) % TABS.length : -1;
    if (event.key === "Home") next = 0;
    if (event.key === "End") next = TABS.length - 1;
    if (next < 0) return;
    event.preventDefault();
    choose(TABS[next]);
    buttons[next].focus();
  });

  function refresh() {
    code.firstElementChild.textContent = current.text(content());
  }

  function choose(tab) {
    current = tab;
    TABS.forEach((one, at) => {
      buttons[at].setAttribute("aria-selected", String(one === tab));
      buttons[at].tabIndex = one === tab ? 0 : -1;
    });
    code.setAttribute("aria-labelledby", `tab-${tab.id}`);
    code.scrollTop = 0;
    refresh();
  }

  byId("copy").addEventListener("click", async () => {
    const done = await copyText(code.textContent);
    byId("copy").textContent = done ? "Copied" : "Not copied";
    byId("copied").textContent = done ? `${current.label} copied` : "Copying failed";
    setTimeout(() => {
      byId("copy").textContent = "Copy";
      byId("copied").textContent = "";
    }, 1600);
  });

  choose(current);
  return { refresh };
}

/** Whether the text is in the clipboard now. Browsers give the clipboard's API to secure pages only, hence the second way. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { value: text, className: "unseen" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
