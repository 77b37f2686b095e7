// The Crypto Pay sheet: shows an invoice inside the phone, lets it be paid or expire, and goes back to the chat.

import { expireInvoice, getState, payInvoice } from "./api.js";
import { $, animate, fill, h } from "./dom.js";
import { countdown, sum, sumText } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { apply, invoiceByHash, on, select, store, worldNow } from "./store.js";
import { attempt, toast } from "./toasts.js";

const ASSETS = ["USDT", "TON", "BTC", "ETH", "LTC", "BNB", "TRX", "USDC"];
const DONE_MS = 2600;
const LONG_SUM = 10;

let opened = null;

export function mountSheet() {
  on("invoice", (invoice) => opened?.id === invoice.invoice_id && draw());
  on("selected", () => opened && store.invoices.get(opened.id)?.person_id !== store.selected && close());
  on("reset", () => (opened ? draw() : openFromAddress()));
  addEventListener("hashchange", openFromAddress);
  setInterval(tick, 500);
}

/** An invoice's own address (`/#invoice-<hash>`) opens it in the chat of whoever it was shown to. */
function openFromAddress() {
  const hash = /^#invoice-([\w-]+)$/.exec(location.hash)?.[1];
  if (!hash) return;
  history.replaceState(null, "", location.pathname);
  openInvoice(hash);
}

export async function openInvoice(hash) {
  if (!invoiceByHash(hash)) await attempt(learnInvoices);
  const invoice = invoiceByHash(hash);
  if (!invoice) return toast(t("Crypto Pay does not know this invoice."));
  if (store.people.has(invoice.person_id) && invoice.person_id !== store.selected) select(invoice.person_id, invoice.person_id);
  if (opened) close();
  return open(invoice);
}

async function learnInvoices() {
  for (const invoice of (await getState()).invoices ?? []) apply({ type: "invoice", invoice });
}

function open(invoice) {
  const panel = h("div", { class: "sheet", role: "dialog", "aria-label": "Crypto Pay", "data-testid": "invoice-sheet", tabindex: "-1" });
  const backdrop = h("div", {
    class: "sheet-backdrop",
    on: {
      click: (event) => event.target === backdrop && close(),
      keydown: (event) => event.key === "Escape" && close(),
    },
  }, panel);
  opened = { id: invoice.invoice_id, panel, backdrop, asset: assetsOf(invoice)[0], busy: null, shown: null, before: document.activeElement };
  $("overlays").append(backdrop);
  $("chat-pane").inert = true;
  draw();
  panel.focus({ preventScroll: true });
}

async function close() {
  const { backdrop, panel, before } = opened;
  opened = null;
  $("chat-pane").inert = false;
  before?.focus?.({ preventScroll: true });
  backdrop.inert = true;
  panel.removeAttribute("data-testid");
  backdrop.classList.add("closing");
  await animate(panel, [{ transform: "translateY(0)" }, { transform: "translateY(105%)" }], { duration: 240, easing: "ease-in", fill: "forwards" });
  backdrop.remove();
}

function assetsOf(invoice) {
  if (invoice.currency_type !== "fiat") return [invoice.asset];
  const accepted = invoice.accepted_assets;
  const list = typeof accepted === "string" ? accepted.split(",") : accepted;
  return list?.length ? list : ASSETS;
}

function draw() {
  const invoice = store.invoices.get(opened.id);
  if (!invoice) return close();
  const body = { paid: paidBody, expired: expiredBody, deleted: deletedBody }[invoice.status] ?? activeBody;
  fill(opened.panel, head(), body(invoice));
  tick();
  if (invoice.status === "paid" && opened.shown && opened.shown !== "paid") leaveSoon();
  opened.shown = invoice.status;
  return undefined;
}

function leaveSoon() {
  const mine = opened;
  setTimeout(() => opened === mine && close(), DONE_MS);
}

function head() {
  return h(
    "header",
    { class: "sheet-head" },
    h("span", { class: "sheet-logo", "aria-hidden": "true" }, icon("check")),
    h("div", {}, h("strong", { text: "Crypto Pay" }), h("small", { text: t("Sandbox: no real money moves") })),
    h("button", { type: "button", "aria-label": t("Close"), "data-testid": "invoice-close", on: { click: () => close() } }, icon("close")),
  );
}

function bigSum(invoice) {
  const { amount, currency } = sum(invoice);
  return h("p", { class: sumClass(amount), "data-testid": "invoice-amount" }, amount, " ", h("span", { text: currency }));
}

const sumClass = (text) => (text.length > LONG_SUM ? "sheet-sum long" : "sheet-sum");

function activeBody(invoice) {
  return [
    bigSum(invoice),
    invoice.description && h("p", { class: "sheet-what", text: invoice.description }),
    assetChoice(invoice),
    h("p", { class: "sheet-timer" }, h("i", { class: "ring" }), h("span", { class: "sheet-countdown", role: "timer" })),
    h("div", { class: "sheet-buttons" }, payButton(invoice), expireButton(invoice)),
  ];
}

function assetChoice(invoice) {
  const chips = assetsOf(invoice).map((asset) => {
    const chosen = asset === opened.asset;
    const click = () => {
      opened.asset = asset;
      draw();
    };
    const coin = h("i", { class: `coin coin-${asset.toLowerCase()}`, "aria-hidden": "true", text: asset[0] });
    return h("button", { type: "button", class: "asset", "aria-pressed": String(chosen), "data-testid": `asset-${asset}`, on: { click } }, coin, asset);
  });
  return h("div", { class: "assets", role: "group", "aria-label": t("Pay with") }, chips);
}

function payButton(invoice) {
  const text = invoice.currency_type === "fiat" ? t("Pay with {asset}", { asset: opened.asset }) : t("Pay {sum}", { sum: sumText(invoice) });
  const choice = invoice.currency_type === "fiat" ? { asset: opened.asset } : {};
  return actionButton("invoice-pay", "pay", text, () => payInvoice(invoice.invoice_id, choice));
}

const expireButton = (invoice) => actionButton("invoice-expire", "expire", t("Let it expire"), () => expireInvoice(invoice.invoice_id));

function actionButton(testid, name, text, action) {
  const busy = opened.busy === name;
  const click = async () => {
    const mine = opened;
    mine.busy = name;
    draw();
    await attempt(async () => apply({ type: "invoice", invoice: await action() }));
    mine.busy = null;
    if (opened === mine) draw();
  };
  const props = { type: "button", class: `sheet-${name}`, disabled: Boolean(opened.busy), "data-testid": testid, "aria-busy": String(busy), on: { click } };
  return h("button", props, busy ? h("i", { class: "spinner" }) : text);
}

function paidBody(invoice) {
  const paid = invoice.paid_amount && invoice.paid_asset ? `${invoice.paid_amount} ${invoice.paid_asset}` : sumText(invoice);
  return [
    h("div", { class: "sheet-success", "data-testid": "invoice-paid" }, h("i", { class: "burst" }), icon("check", "success-check")),
    h("p", { class: sumClass(paid), text: paid }),
    h("p", { class: "sheet-what", role: "status", text: paidHint() }),
    h("div", { class: "sheet-buttons" }, doneButton("sheet-pay")),
  ];
}

function paidHint() {
  const hints = {
    lost: t("Paid. The notice to the service gets lost: it must find out by itself."),
    twice: t("Paid. The service is told twice: there must be one key."),
  };
  return hints[store.knobs.payment_webhook] ?? t("Paid. Your key is on its way to the chat.");
}

function expiredBody(invoice) {
  return [
    h("div", { class: "sheet-expired", "data-testid": "invoice-expired" }, icon("clock")),
    bigSum(invoice),
    h("p", { class: "sheet-what", role: "status", text: t("This invoice has expired unpaid.") }),
    h("div", { class: "sheet-buttons" }, doneButton("sheet-pay"), lateButton(invoice)),
  ];
}

function deletedBody(invoice) {
  return [
    h("div", { class: "sheet-expired", "data-testid": "invoice-deleted" }, icon("clock")),
    bigSum(invoice),
    h("p", { class: "sheet-what", role: "status", text: t("The shop has deleted this invoice: nobody can pay it.") }),
    h("div", { class: "sheet-buttons" }, doneButton("sheet-pay")),
  ];
}

/** Paid just before the end, told just after it: what a shop that trusts its own timer gets wrong. */
const lateButton = (invoice) =>
  actionButton("invoice-pay-late", "expire", t("No, paid at the last second"), () => payInvoice(invoice.invoice_id, { late: true }));

const doneButton = (className) =>
  h("button", { type: "button", class: className, "data-testid": "invoice-done", text: t("Back to the chat"), on: { click: () => close() } });

function tick() {
  const invoice = opened && store.invoices.get(opened.id);
  const label = opened?.panel.querySelector(".sheet-countdown");
  if (!label || !invoice) return;
  const ends = Date.parse(invoice.expiration_date);
  if (Number.isNaN(ends)) return void (label.textContent = t("No time limit"));
  const left = ends - worldNow();
  const whole = ends - Date.parse(invoice.created_at) || 1;
  label.textContent = left > 0 ? t("Expires in {time}", { time: countdown(left) }) : t("Its time is over");
  opened.panel.querySelector(".ring")?.style.setProperty("--left", String(Math.max(0, Math.min(1, left / whole))));
}
