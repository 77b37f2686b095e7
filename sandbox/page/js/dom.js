// Builds elements without ever parsing text as markup, so that nothing a bot or a person writes can become script.

/** Props: class, text, style (object), on (listeners), anything else an attribute; false and null leave it out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "style") setStyle(element, value);
    else if (name === "on") listen(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function setStyle(element, style) {
  for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value);
}

function listen(element, listeners) {
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener);
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Replaces the children, keeping focus on the element with the same data-testid when it is built anew. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const testid = focused?.dataset.testid;
  element.replaceChildren();
  append(element, children);
  if (testid) element.querySelector(`[data-testid="${CSS.escape(testid)}"]`)?.focus();
}

export const $ = (id) => document.getElementById(id);

export const prefersStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Ends when the animation does, at once where people asked for no motion. */
export function animate(element, keyframes, options) {
  if (prefersStill() || !element.animate) return Promise.resolve();
  return element.animate(keyframes, options).finished.catch(() => undefined);
}
