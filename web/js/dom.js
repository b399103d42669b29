// Making elements. Text from outside only ever becomes text: nothing here parses HTML.

/**
 * The element with that id; the page has it.
 * @param {string} id
 * @returns {any}
 */
export const byId = (id) => document.getElementById(id);

/**
 * An element with properties and children.
 * @param {string} name
 * @param {Object<string, any>} [properties] set as properties (`className`, `textContent`), or as attributes when their
 *     name has a hyphen or the element has no such property
 * @param {...(Node|string|null)} children null ones are left out
 */
export function element(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** The same for SVG, where everything is an attribute. */
export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function filled(made, properties, children) {
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || !(key in made)) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * Sets custom CSS properties; through the object model, which a content security policy without inline styles allows.
 * @param {HTMLElement|SVGElement} target
 * @param {Object<string, string|number>} values by name, such as {"--c": "#123456"}
 */
export function setStyle(target, values) {
  for (const [name, value] of Object.entries(values)) target.style.setProperty(name, String(value));
  return target;
}

/** Calls `work` once after `delay` ms without a further call. */
export function debounced(work, delay) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), delay);
  };
}
