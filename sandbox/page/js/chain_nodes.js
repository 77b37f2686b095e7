// How a chain's nodes answer: the endpoints of an EVM chain, the one node of Cellframe and what it can tell.

import { turnChain, turnEndpoint } from "./api.js";
import { h } from "./dom.js";
import { formatNumber, t } from "./i18n.js";
import { store } from "./store.js";
import { attempt } from "./toasts.js";

const STATES = { ok: "OK", lagging: t("lagging"), rate_limited: "429", forbidden: "403", html: "HTML", wrong_chain: t("wrong chain"), down: t("down"), no_logs: t("finds no transfers"), lying: t("invents transfers") };
const OF_TRON = { overloaded: t("overloaded") };
const NODE = { ok: "OK", lagging: t("lagging"), down: t("down") };
const DIALECTS = { new: t("new node"), old: t("old node") };
const TONES = { ok: "ok", lagging: "warn", rate_limited: "warn", forbidden: "warn", overloaded: "warn" };

export function endpointRows(key, view) {
  const states = view().kind === "tron" ? { ...STATES, ...OF_TRON } : STATES;
  const rows = Object.keys(view().endpoints).map((name) => endpoint(key, name, states, () => view().endpoints[name]));
  return { element: h("div", { class: "endpoints" }, rows.map((row) => row.element)), update: () => rows.forEach((row) => row.update()) };
}

function endpoint(key, name, states, view) {
  const control = stateSelect(`endpoint-${key}-${name}`, t("State of endpoint {name}", { name }), states, () => view().state, (state) => turnEndpoint(key, name, state));
  const dot = h("i", { class: "dot" });
  const calls = h("small", { title: t("Calls of the service") });
  const update = () => {
    const { state, calls: count } = view();
    dot.className = `dot ${TONES[state] ?? "bad"}`;
    calls.textContent = formatNumber(count);
    control.update();
  };
  return { element: h("label", { class: "endpoint" }, dot, h("span", { text: t("node {name}", { name }) }), control.element, calls), update };
}

export function nodeRows(key, view) {
  const node = stateSelect(`chain-${key}-node`, t("State of the node"), NODE, () => view().node, (state) => turnChain(key, { node: state }));
  const dialect = stateSelect(`chain-${key}-dialect`, t("Which version the node speaks"), DIALECTS, () => view().dialect, (value) => turnChain(key, { dialect: value }));
  const dot = h("i", { class: "dot" });
  const counts = h("input", { type: "checkbox", "data-testid": `chain-${key}-counts` });
  counts.addEventListener("change", () => attempt(() => turnChain(key, { counts: counts.checked })));
  const update = () => {
    dot.className = `dot ${TONES[view().node] ?? "bad"}`;
    counts.checked = view().counts;
    node.update();
    dialect.update();
  };
  const tells = h("label", { class: "endpoint", title: t("Whether the node tells confirmations") }, counts, h("span", { text: t("tells counts") }));
  return { element: h("div", { class: "endpoints" }, h("label", { class: "endpoint" }, dot, h("span", { text: t("node") }), node.element), dialect.element, tells), update };
}

/** Shows the world's state, not the wish: a change that fails falls back by the next update. */
function stateSelect(testid, label, options, value, turn) {
  const element = h("select", { "aria-label": label, title: label, "data-testid": testid }, Object.entries(options).map(([name, text]) => h("option", { value: name, text })));
  const update = () => {
    if (document.activeElement !== element || !isOpen) element.value = value();
  };
  let isOpen = false;
  element.addEventListener("pointerdown", () => (isOpen = true));
  element.addEventListener("blur", () => (isOpen = false));
  element.addEventListener("change", async () => {
    isOpen = false;
    if (!(await attempt(() => turn(element.value))) && store.ready) element.value = value();
  });
  return { element, update };
}
