// The strip's deliveries: every webhook the world sent to the service, with attempt, answer and latency.

import { fill, h } from "./dom.js";
import { hhmm, milliseconds } from "./format.js";
import { t } from "./i18n.js";
import { on, store } from "./store.js";

const BARS = 40;
const ROWS = 24;
const FULL_MS = 1000;

const bars = h("div", { class: "bars-chart", "aria-hidden": "true" });
const list = h("ol", { class: "deliveries" });
const median = h("small", { class: "card-note" });
const card = h(
  "section",
  { class: "card grow", "aria-labelledby": "deliveries-title", "data-testid": "deliveries" },
  h("header", { class: "card-head" }, h("h2", { id: "deliveries-title", text: t("Delivered to the service") }), median),
  bars,
  list,
);

let newest = null;

export function mountDeliveries() {
  on("reset", draw);
  on("people", draw);
  on("delivery", (delivery) => {
    newest = delivery;
    draw();
  });
  draw();
  return card;
}

function draw() {
  const all = store.deliveries;
  median.textContent = all.length ? t("median {time}", { time: milliseconds(middle(all.map((one) => one.latency_ms))) }) : "";
  bars.hidden = all.length === 0;
  fill(bars, all.slice(-BARS).map(bar));
  if (all.length === 0) fill(list, h("li", { class: "empty", text: t("Nothing yet. Write something in the phone.") }));
  else fill(list, all.slice(-ROWS).reverse().map(row));
  newest = null;
}

function middle(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function toneOf({ status }) {
  if (status >= 200 && status < 300) return "ok";
  return status === 429 || status === 503 ? "warn" : "bad";
}

/** Latencies lie between a millisecond and many seconds: a logarithm keeps the small ones visible. */
const share = ({ latency_ms: ms }) => Math.min(1, Math.max(0.06, Math.log10(1 + (ms || 0)) / Math.log10(1 + FULL_MS)));

// A failure may be quick; its bar stands out all the same.
const height = (delivery) => (toneOf(delivery) === "ok" ? share(delivery) : Math.max(0.4, share(delivery)));

function bar(delivery) {
  const tip = `${delivery.what}: ${answer(delivery)}, ${milliseconds(delivery.latency_ms)}`;
  return h("i", { class: toneOf(delivery), title: tip, style: { "--share": height(delivery).toFixed(3) } });
}

const answer = ({ status }) => (status ? String(status) : t("no connection"));

function row(delivery) {
  const someone = store.people.get(delivery.person_id);
  const again = delivery.attempt > 1;
  return h(
    "li",
    { class: delivery === newest ? "delivery arrived" : "delivery", "data-testid": "delivery", title: t("{time} {target}, attempt {n}", { time: hhmm(Date.parse(delivery.at)), target: delivery.target, n: delivery.attempt }) },
    h("i", { class: `dot ${toneOf(delivery)}` }),
    h("span", { class: "delivery-what", text: delivery.what }),
    someone && h("small", { text: someone.first_name }),
    again && h("small", { class: "again", text: `×${delivery.attempt}` }),
    h("small", { class: `status ${toneOf(delivery)}`, text: delivery.status || "—" }),
    h("small", { class: "latency", style: { "--share": share(delivery).toFixed(3) }, text: milliseconds(delivery.latency_ms) }),
  );
}
