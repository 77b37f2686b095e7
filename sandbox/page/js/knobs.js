// The knobs of the world: what can go wrong outside the service, each with a line about what one should then see.

import { turnKnobs } from "./api.js";
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { panelKnobs } from "./panel_knobs.js";
import { on, store } from "./store.js";
import { attempt } from "./toasts.js";

const KNOBS = [
  {
    name: "telegram",
    title: t("Telegram answers"),
    values: {
      ok: [t("OK"), t("Messages go out at once, 25 a second at most.")],
      flood: ["429", t("Messages wait as told, then come in order, none twice.")],
      down: [t("Down"), t("The chat is silent; what matters waits in the outbox and comes later.")],
    },
    number: { when: "flood", name: "telegram_retry_after", label: t("Retry after"), unit: t("s"), min: 1, step: 1, max: 120 },
  },
  {
    name: "telegram_webhook",
    title: t("Telegram’s webhook"),
    values: {
      ok: [t("OK"), t("Every tap and message reaches the service.")],
      lost: [t("Lost"), t("Nothing arrives. Telegram tries on, and all of it comes once this is OK.")],
    },
  },
  {
    name: "payment_webhook",
    title: t("Payment notice"),
    values: {
      ok: [t("OK"), t("Crypto Pay tells the service as soon as an invoice is paid.")],
      lost: [t("Lost"), t("Nobody tells: the service finds the payment by itself, and half a minute later warns the admin.")],
      twice: [t("Twice"), t("The same payment is told twice: one key, one message.")],
    },
  },
  {
    name: "stars",
    title: t("Stars’ payments"),
    values: {
      ok: [t("OK"), t("Telegram tells the service as soon as Stars are paid.")],
      lost: [t("Lost"), t("Nobody tells: the service finds it in its account of Stars.")],
      twice: [t("Twice"), t("The same payment is told again: one delivery.")],
    },
  },
  {
    name: "channels",
    title: t("Bot in channels"),
    values: {
      ok: [t("Admin"), t("The bot sees who is a member of a channel.")],
      no_admin: [t("No admin"), t("The bot may not look: asking who is a member fails.")],
    },
  },
  {
    name: "privacy",
    title: t("Bot in groups"),
    values: {
      ok: [t("Privacy"), t("The bot hears commands, mentions and answers to it only.")],
      off: [t("Hears all"), t("Privacy mode is off: every message of a group reaches the service.")],
    },
  },
  {
    name: "crypto_pay",
    title: t("Crypto Pay"),
    values: {
      ok: [t("OK"), t("An invoice is made in a blink.")],
      busy: ["429", t("Too many requests: the service waits before it asks again.")],
      down: [t("Down"), t("Plans are shown still; paying says to come back later.")],
    },
  },
];

export function mountKnobs() {
  on("reset", draw);
  on("knobs", draw);
}

const valueOf = (knob) => store.knobs[knob.name] ?? "ok";

function turn(change) {
  return attempt(() => turnKnobs(change));
}

function draw() {
  const knobs = [...store.panels.flatMap(panelKnobs), ...KNOBS];
  const turned = knobs.filter((knob) => valueOf(knob) !== "ok");
  fill($("knobs"), heading(turned), knobs.map(row));
}

function heading(turned) {
  const click = () => turn(Object.fromEntries(turned.map((knob) => [knob.name, "ok"])));
  const reset = h("button", { type: "button", class: "link-button", "data-testid": "knobs-reset", text: t("All OK again"), on: { click } });
  return h("header", { class: "card-head" }, h("h2", { id: "knobs-title", text: t("What goes wrong outside") }), turned.length > 0 && reset);
}

function row(knob) {
  const value = valueOf(knob);
  const [, hint] = knob.values[value] ?? ["", ""];
  return h(
    "div",
    { class: value === "ok" ? "knob" : "knob turned" },
    h("span", { class: "knob-title", id: `knob-${knob.name}`, text: knob.title }),
    h("div", { class: "segments", role: "group", "aria-labelledby": `knob-${knob.name}` }, Object.entries(knob.values).map(([name, [text]]) => segment(knob, name, text))),
    h("p", { class: "knob-hint" }, h("span", { text: hint }), knob.number?.when === value && numberField(knob.number)),
  );
}

function segment(knob, value, text) {
  const chosen = valueOf(knob) === value;
  const [, hint] = knob.values[value];
  return h("button", {
    type: "button",
    class: "segment",
    title: hint,
    "aria-pressed": String(chosen),
    "data-testid": `knob-${knob.name}-${value}`,
    text,
    on: { click: () => turn({ [knob.name]: value }) },
  });
}

function numberField({ name, label, unit, min, step, max }) {
  const change = (event) => {
    const number = Math.round(Number(event.target.value));
    if (number >= min && number <= max) turn({ [name]: number });
    else draw();
  };
  const value = store.knobs[name] ?? "";
  const input = h("input", { type: "number", "aria-label": label, min, max, step, value, "data-testid": `knob-${name}`, on: { change } });
  return h("label", { class: "knob-number", title: label }, input, ` ${unit}`);
}
