// On a small screen the phone fills it, and people, knobs and strip become drawers opened from a bar of tabs.

import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { PANEL_KNOBS } from "./panel_knobs.js";
import { emit, on, store } from "./store.js";
import { unreadOfAll } from "./unread.js";

const TABS = [
  ["chat", t("Chat"), "chat"],
  ["people", t("People"), "people"],
  ["world", t("World"), "knobs"],
  ["chains", t("Chains"), "chain"],
  ["service", t("Service"), "pulse"],
];

const marks = {
  people: () => {
    const unread = unreadOfAll();
    return unread > 0 && { kind: "", text: unread };
  },
  world: () => isTroubled() && { kind: "dot warn", text: "" },
  service: () => store.service && !store.service.up && { kind: "dot bad", text: "" },
};

const KNOBS = [...PANEL_KNOBS, "telegram", "payment_webhook", "crypto_pay", "telegram_webhook", "stars", "channels", "privacy"];

const isTroubled = () => KNOBS.some((name) => (store.knobs[name] ?? "ok") !== "ok");

export function mountTabs() {
  draw();
  for (const topic of ["reset", "people", "knobs", "service"]) on(topic, draw);
  document.addEventListener("keydown", (event) => event.key === "Escape" && showTab("chat"));
  document.querySelector(".stage").addEventListener("pointerdown", () => showTab("chat"));
}

export function showTab(name) {
  if ($("app").dataset.tab === name) return;
  $("app").dataset.tab = name;
  emit("tab", name);
  draw();
}

/** Where the drawers are columns, a tab has no meaning. */
export const isSmall = () => matchMedia("(max-width: 819px)").matches;

let drawn = null;

// Drawn only when it would look different: a button replaced between press and release loses its click.
function draw() {
  const chosen = $("app").dataset.tab;
  const looks = JSON.stringify([chosen, Object.values(marks).map((mark) => mark())]);
  if (looks === drawn) return;
  drawn = looks;
  fill($("tabs"), TABS.map(([name, text, sign]) => tab(name, text, sign, name === chosen)));
}

function tab(name, text, sign, chosen) {
  const mark = marks[name]?.();
  return h(
    "button",
    {
      type: "button",
      class: "tab",
      "aria-pressed": String(chosen),
      "data-testid": `tab-${name}`,
      on: { click: () => showTab(chosen ? "chat" : name) },
    },
    h("span", { class: "tab-icon" }, icon(sign), mark && h("span", { class: `badge ${mark.kind}`, text: mark.text })),
    h("span", { text }),
  );
}
