// What the phone says on top of the chat: the short toasts and the alerts of Telegram, and the page's own troubles.

import { $, animate, h } from "./dom.js";
import { t } from "./i18n.js";

const TOAST_MS = 3200;
const ALERT_TITLE_MAX = 60;

let current = null;

export function toast(text, { trouble = false } = {}) {
  current?.remove();
  const element = h("div", {
    class: trouble ? "toast toast-trouble" : "toast",
    role: trouble ? "alert" : "status",
    "data-testid": "toast",
    text,
  });
  current = element;
  $("overlays").append(element);
  setTimeout(async () => {
    await animate(element, [{ opacity: 1 }, { opacity: 0, transform: "translate(-50%, 8px)" }], { duration: 200 });
    element.remove();
  }, TOAST_MS);
}

/** Runs what a button does; a failure becomes a toast. Answers whether it went well. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(error.message, { trouble: true });
    return false;
  }
}

export function alertBox(text, title) {
  const before = document.activeElement;
  const close = () => {
    box.remove();
    before?.focus?.();
  };
  const ok = h("button", { type: "button", class: "alert-ok", "data-testid": "alert-ok", text: "OK", on: { click: close } });
  const box = h(
    "div",
    { class: "alert-backdrop", on: { keydown: (event) => keepInside(event, close) } },
    h(
      "div",
      { class: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": text, "data-testid": "alert" },
      h("strong", { text: title.slice(0, ALERT_TITLE_MAX) }),
      h("p", { text }),
      ok,
    ),
  );
  $("overlays").append(box);
  ok.focus();
}

function keepInside(event, close) {
  if (event.key === "Escape") close();
  if (event.key === "Tab") event.preventDefault();
}

export async function copy(text, said = t("Copied to clipboard")) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyTheOldWay(text);
  }
  toast(said);
}

// The clipboard API is missing when the page is opened over plain http from another machine, such as a real phone.
function copyTheOldWay(text) {
  const area = h("textarea", { class: "off-screen", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
