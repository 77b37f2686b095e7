// Changes what stands into what shall stand, touching only what differs, so that nothing jumps, loses the pointer or reloads.

// These do something when pressed, and their listeners come with them: they are kept whole or replaced whole.
const WHOLE = "button, a, code, pre, blockquote, select, input, svg, .tg-spoiler, tg-spoiler";

/** Focus stays on the element with the same data-testid. */
export function morph(parent, wanted) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  settle(parent, wanted);
  if (!focused || parent.contains(document.activeElement)) return;
  parent.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function settle(parent, wanted) {
  const standing = [...parent.childNodes];
  wanted.forEach((fresh, i) => {
    if (!standing[i]) parent.append(fresh);
    else change(standing[i], fresh);
  });
  for (const left of standing.slice(wanted.length)) left.remove();
}

function change(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return void old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) return void (old.data = fresh.data);
  if (old.matches(WHOLE)) return void old.replaceWith(fresh);
  copyAttributes(old, fresh);
  settle(old, [...fresh.childNodes]);
}

function copyAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) === value) continue;
    // The page's own policy forbids a style from a string; its object may be changed.
    if (name === "style") old.style.cssText = fresh.style.cssText;
    else old.setAttribute(name, value);
  }
}
