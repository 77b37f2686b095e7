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
  ],
  tron: [
    ["", t("Fine")],
    ["fails", t("Fails")],
  ],
  cellframe: [
    ["", t("Fine")],
    ["declined", t("Declined")],
  ],
};
const TOKENS = {
  evm: [
    ["USDT", "USDT"],
    ["CELL", "CELL"],
  ],
  tron: [
    ["USDT", "USDT"],
    ["FAKE", t("a fake USDT")],
  ],
};
const HOW = { low: { tip_gwei: 0 }, fails: { fails: true }, declined: { declined: true } };

export function sendForm(key, view) {
  const { kind, coin } = view();
  const value = h("input", { type: "text", inputmode: "decimal", pattern: "\\d+(\\.\\d+)?", required: true, value: "0.05", maxlength: 24, "aria-label": t("Amount"), "data-testid": `chain-${key}-amount` });
  const token = TOKENS[kind] && choice(`chain-${key}-token`, t("What is sent"), [["", coin], ...TOKENS[kind]]);
  const fate = choice(`chain-${key}-fate`, t("What becomes of it"), FATES[kind] ?? FATES.evm);
  const submit = async (event) => {
    event.preventDefault();
    const what = { person_id: store.selected, value: value.value, ...HOW[fate.value] };
    if (token && token.value) what.token = token.value;
    if (await attempt(() => onChain(key, "send", what))) toast(t("{name} sends {sum}.", { name: person().first_name, sum: `${value.value} ${what.token ?? coin}` }));
  };
  return h(
    "form",
    { class: "chain-row chain-send", on: { submit } },
    h("div", { class: "chain-group" }, value, token || h("span", { class: "chain-coin", text: coin }), fate),
    h("button", { type: "submit", class: "small-button on", title: t("Send as whoever holds the phone"), "data-testid": `chain-${key}-send`, text: t("Send") }),
  );
}

const choice = (testid, label, options) =>
  h("select", { "aria-label": label, title: label, "data-testid": testid }, options.map(([value, text]) => h("option", { value, text })));
