// The strip's payments: each invoice at Crypto Pay, whose it is and how it stands (a tap opens it), and what was paid in Stars.

import { avatar } from "./avatar.js";
import { fill, h } from "./dom.js";
import { countdown, starCount, sumText, words } from "./format.js";
import { t, tn } from "./i18n.js";
import { PANEL_NAMES } from "./panel_knobs.js";
import { on, store, worldNow } from "./store.js";
import { openInvoice } from "./sheet.js";

const PURCHASES = /^tollgate_purchases_total\{.*state="(\w+)"/;
const SHOWN = 6;
const TONES = { active: "warn", paid: "ok", expired: "off", deleted: "off" };

const STATUSES = { paid: t("paid"), expired: t("expired"), deleted: t("deleted") };

const list = h("div", { class: "rows" });
const states = h("p", { class: "states", "data-testid": "purchases" });
const keys = h("small", { class: "card-note", "data-testid": "panel-keys" });
const card = h(
  "section",
  { class: "card payments", "aria-labelledby": "payments-title", "data-testid": "payments" },
  h("header", { class: "card-head" }, h("h2", { id: "payments-title", text: t("Payments") }), keys),
  list,
  states,
);

export function mountPayments() {
  for (const topic of ["reset", "invoice", "panel", "people", "stars"]) on(topic, draw);
  for (const topic of ["reset", "service"]) on(topic, drawStates);
  setInterval(tick, 1000);
  draw();
  return card;
}

function draw() {
  keys.textContent = countKeys();
  const rows = newest();
  if (rows.length === 0) fill(list, h("p", { class: "empty", text: t("No invoice yet. Choose a plan in the chat.") }));
  else fill(list, rows);
}

/** Where a shop has two panels, the keys of each. */
function countKeys() {
  const accounts = [...store.panelUsers.values()];
  if (store.panels.length < 2) return tn("{n} key on the panel", "{n} keys on the panel", accounts.length);
  const counts = store.panels.map(({ kind }) => `${PANEL_NAMES[kind]} ${accounts.filter((one) => one.panel === kind).length}`);
  return t("Keys: {counts}", { counts: counts.join(" · ") });
}

function newest() {
  const invoices = [...store.invoices.values()].map((invoice) => ({ at: Date.parse(invoice.created_at), id: invoice.invoice_id, draw: () => row(invoice) }));
  const stars = store.starTransactions.map((transaction, i) => ({ at: transaction.date * 1000, id: i, draw: () => starRow(transaction) }));
  const sorted = [...invoices, ...stars].sort((a, b) => b.at - a.at || b.id - a.id);
  return sorted.slice(0, SHOWN).map((one) => one.draw());
}

// The service counts how many purchases reached a state, not how many are in it.
const REACHED = { created: t("begun"), pending: t("opened") };

/** How the service counts its purchases, beside what Crypto Pay says. */
function drawStates() {
  const counted = Object.entries(store.service?.metrics ?? {}).flatMap(([name, value]) => {
    const state = PURCHASES.exec(name)?.[1];
    return state && value > 0 ? [`${value} ${REACHED[state] ?? words(state)}`] : [];
  });
  if (store.service?.up || !store.service) states.textContent = counted.length ? t("The service since its start: {counted}", { counted: counted.join(", ") }) : "";
  states.hidden = states.textContent === "";
}

function row(invoice) {
  const someone = store.people.get(invoice.person_id);
  return h(
    "button",
    { type: "button", class: "row payment", title: invoice.description, "data-testid": `payment-${invoice.invoice_id}`, on: { click: () => openInvoice(invoice.hash) } },
    someone ? avatar(someone) : h("span", { class: "avatar" }),
    h("span", { class: "row-text" }, h("strong", { text: sumText(invoice) }), h("small", { text: invoice.description || t("Invoice {id}", { id: invoice.invoice_id }) })),
    h("span", { class: `pill ${TONES[invoice.status] ?? "warn"}`, "data-ends": invoice.status === "active" ? invoice.expiration_date : null, text: stand(invoice.status, invoice.expiration_date) }),
  );
}

function starRow({ person_id: personId, amount, title, incoming }) {
  const someone = store.people.get(personId);
  return h(
    "div",
    { class: "row payment", "data-testid": "star-payment" },
    someone ? avatar(someone) : h("span", { class: "avatar" }),
    h("span", { class: "row-text" }, h("strong", { text: `⭐ ${starCount(amount)}` }), h("small", { text: title })),
    h("span", { class: incoming ? "pill ok" : "pill off", text: incoming ? t("paid") : t("given back") }),
  );
}

function stand(status, ends) {
  if (status !== "active") return STATUSES[status] ?? status;
  const left = Date.parse(ends) - worldNow();
  return Number.isNaN(left) ? t("open") : t("open {time}", { time: countdown(left) });
}

function tick() {
  for (const pill of list.querySelectorAll("[data-ends]")) pill.textContent = stand("active", pill.dataset.ends);
}
