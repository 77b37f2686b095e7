// Sends a transaction as whoever holds the phone: how much of what, and what shall become of it.

import { onChain } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { person, store } from "./store.js";
import { attempt, toast } from "./toasts.js";

const FATES = {
  evm: [
    ["", t("Fine")],
    ["low", t("Fee too low")],
    ["fails", t("Fails")],
    ["fee", t("A fee comes off")],
    ["batch", t("In an exchange’s batch")],
  ],
  tron: [
    ["", t("Fine")],
    ["fails", t("Fails")],
    ["fee", t("A fee comes off")],
  ],
  cellframe: [
    ["", t("Fine")],
    ["declined", t("Declined")],
  ],
};
const TOKENS = {
  evm: [
    ["USDT", "USDT"],
    ["USDC", "USDC"],
    ["CELL", "CELL"],
    ["FAKE", t("a fake USDT")],
  ],
  tron: [
    ["USDT", "USDT"],
    ["FAKE", t("a fake USDT")],
  ],
};
const HOW = { low: { tip_gwei: 0 }, fails: { fails: true }, declined: { declined: true }, batch: { kind: "batch" } };
const FEE = 0.3; // as an exchange takes it from what arrives

export function sendForm(key, view) {
  const { kind, coin } = view();
  const value = h("input", { type: "text", inputmode: "decimal", pattern: "\\d+(\\.\\d+)?", required: true, value: "0.05", maxlength: 24, "aria-label": t("Amount"), "data-testid": `chain-${key}-amount` });
  const to = TOKENS[kind] && h("input", { type: "text", placeholder: t("To the other person"), maxlength: 42, spellcheck: false, autocomplete: "off", "aria-label": t("Address"), "data-testid": `chain-${key}-to` });
  const token = TOKENS[kind] && choice(`chain-${key}-token`, t("What is sent"), [["", coin], ...TOKENS[kind]]);
  const fate = choice(`chain-${key}-fate`, t("What becomes of it"), FATES[kind] ?? FATES.evm);
  const submit = async (event) => {
    event.preventDefault();
    const what = { person_id: store.selected, value: value.value, ...HOW[fate.value] };
    if (token && token.value) what.token = token.value;
    if (to && to.value.trim()) what.to = to.value.trim();
    if (fate.value === "fee") what.value = (Number(value.value) - FEE).toFixed(4);
    if (await attempt(() => onChain(key, "send", what))) toast(t("{name} sends {sum}.", { name: person().first_name, sum: `${what.value} ${what.token ?? coin}` }));
  };
  return h(
    "form",
    { class: "chain-row chain-send", on: { submit } },
    h("div", { class: "chain-group" }, value, to, token || h("span", { class: "chain-coin", text: coin }), fate),
    h("button", { type: "submit", class: "small-button on", title: t("Send as whoever holds the phone"), "data-testid": `chain-${key}-send`, text: t("Send") }),
  );
}

const choice = (testid, label, options) =>
  h("select", { "aria-label": label, title: label, "data-testid": testid }, options.map(([value, text]) => h("option", { value, text })));
