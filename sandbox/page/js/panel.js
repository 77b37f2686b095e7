// A sheet that comes up from the foot of the phone: one at a time, closed by Escape, by a tap beside it, or by another holder of the phone.

import { $, animate, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { on } from "./store.js";

let opened = null;

export function mountPanels() {
  on("selected", () => opened?.close());
}

/** `draw(panel)` gives the sheet's children; `panel.redraw()` asks for them again, `panel.isOpen()` says whether anybody sees them. */
export function openPanel({ label, testid, draw }) {
  opened?.close();
  const before = document.activeElement;
  const sheet = h("div", { class: "sheet", role: "dialog", "aria-label": label, "data-testid": testid, tabindex: "-1" });
  const backdrop = h("div", {
    class: "sheet-backdrop",
    on: {
      click: (event) => event.target === backdrop && panel.close(),
      keydown: (event) => event.key === "Escape" && panel.close(),
    },
  }, sheet);
  const panel = {
    isOpen: () => opened === panel,
    redraw: () => opened === panel && refill(sheet, draw(panel)),
    close: () => opened === panel && close(sheet, backdrop, before),
  };
  opened = panel;
  $("overlays").append(backdrop);
  $("chat-pane").inert = true;
  panel.redraw();
  sheet.focus({ preventScroll: true });
  return panel;
}

/** What had the focus may be gone, and Escape must still find the sheet. */
function refill(sheet, children) {
  const held = sheet.contains(document.activeElement);
  fill(sheet, ...children);
  if (held && !sheet.contains(document.activeElement)) sheet.focus({ preventScroll: true });
}

async function close(sheet, backdrop, before) {
  opened = null;
  $("chat-pane").inert = false;
  before?.focus?.({ preventScroll: true });
  backdrop.inert = true;
  sheet.removeAttribute("data-testid");
  backdrop.classList.add("closing");
  await animate(sheet, [{ transform: "translateY(0)" }, { transform: "translateY(105%)" }], { duration: 240, easing: "ease-in", fill: "forwards" });
  backdrop.remove();
}

export function panelHead(panel, { sign, logo, title, note, noteId, testid }) {
  return h(
    "header",
    { class: "sheet-head" },
    h("span", { class: `sheet-logo ${logo}`, "aria-hidden": "true" }, icon(sign)),
    h("div", {}, h("strong", { text: title }), h("small", { "data-testid": noteId, text: note })),
    h("button", { type: "button", "aria-label": t("Close"), "data-testid": testid, on: { click: panel.close } }, icon("close")),
  );
}

export const panelButton = (testid, className, content, click, more = {}) =>
  h("button", { type: "button", class: className, "data-testid": testid, on: { click }, ...more }, content);
