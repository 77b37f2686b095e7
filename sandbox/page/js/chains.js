// The chains of the world, one card each, in the column that otherwise shows what the service does.

import { chainCard } from "./chain_card.js";
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { on, store } from "./store.js";
import { isSmall, showTab } from "./tabs.js";

const PARTS = [
  ["service", t("Service")],
  ["chains", t("Chains")],
];

const cards = new Map();
let shown = "service";

export function mountChains() {
  on("reset", draw);
  on("chain", (key) => (cards.has(key) ? cards.get(key).update() : draw()));
  on("tab", (name) => PARTS.some(([part]) => part === name) && show(name));
  show(shown);
}

function show(part) {
  shown = part;
  for (const [name] of PARTS) $(name).hidden = name !== part;
  fill($("side-tabs"), PARTS.map(([name, text]) => tab(name, text)));
}

function tab(name, text) {
  const click = () => {
    show(name);
    if (isSmall()) showTab(name);
  };
  return h("button", { type: "button", class: "segment", "aria-pressed": String(name === shown), "data-testid": `${name}-tab`, text, on: { click } });
}

function draw() {
  for (const key of cards.keys()) if (!store.chains.has(key)) cards.delete(key);
  for (const key of store.chains.keys()) if (!cards.has(key)) cards.set(key, chainCard(key));
  if (cards.size === 0) return fill($("chains"), h("section", { class: "card" }, h("p", { class: "empty", text: t("This sandbox has no chains.") })));
  const wanted = [...cards.values()].map((card) => card.element);
  if (wanted.some((element, i) => element !== $("chains").children[i])) $("chains").replaceChildren(...wanted);
  for (const card of cards.values()) card.update();
  return undefined;
}
