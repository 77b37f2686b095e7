// The sheet in which Stars are paid: what it is, what it costs, the wait for the bot's word, and how it ended.

import { getStarInvoice, payStars } from "./api.js";
import { h } from "./dom.js";
import { starCount } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { openPanel, panelButton, panelHead } from "./panel.js";
import { on, person, store } from "./store.js";
import { attempt } from "./toasts.js";

const DONE_MS = 2600;
const LONG_SUM = 6;

let current = null;

export function mountStars() {
  on("people", () => current?.panel.redraw());
  on("knobs", () => current?.panel.redraw());
}

/** `way` is how the world is told what to pay: `{link}` or `{message_id}` of a sent invoice. */
export async function openStars(slug, way) {
  let invoice = null;
  if (!(await attempt(async () => (invoice = await getStarInvoice(slug))))) return;
  const sheet = { invoice, way, payer: store.selected, state: "ready", error: null };
  sheet.panel = openPanel({ label: t("Telegram Stars"), testid: "stars-sheet", draw: (panel) => [head(panel), ...body(sheet)] });
  current = sheet;
}

const head = (panel) =>
  panelHead(panel, {
    sign: "star",
    logo: "logo-stars",
    title: t("Telegram Stars"),
    note: t("Balance: {stars} ⭐", { stars: starCount(person()?.stars) }),
    noteId: "stars-balance",
    testid: "stars-close",
  });

function body(sheet) {
  return sheet.state === "paid" ? paidBody(sheet) : openBody(sheet);
}

function bigSum({ amount }) {
  const text = starCount(amount);
  const className = text.length > LONG_SUM ? "sheet-sum sheet-stars long" : "sheet-sum sheet-stars";
  return h("p", { class: className, "data-testid": "stars-amount", "aria-label": t("{stars} Stars", { stars: text }) }, icon("star", "star"), text);
}

function openBody(sheet) {
  const { invoice, state, error } = sheet;
  const asking = state === "asking";
  const content = asking ? h("i", { class: "spinner" }) : t("Pay {sum}", { sum: `⭐ ${starCount(invoice.amount)}` });
  return [
    bigSum(invoice),
    h("p", { class: "sheet-title", "data-testid": "stars-title", text: invoice.title }),
    h("p", { class: "sheet-what", text: invoice.description }),
    h("p", { class: error ? "sheet-note bad" : "sheet-note", role: error ? "alert" : "status", "data-testid": error ? "stars-error" : "stars-progress", text: error ?? progress(asking) }),
    h("div", { class: "sheet-buttons" }, panelButton("stars-pay", "sheet-pay pay-stars", content, () => pay(sheet), { disabled: asking, "aria-busy": String(asking), "aria-label": asking ? t("Paying") : null })),
  ];
}

const progress = (asking) => (asking ? t("Waiting for {bot} to confirm…", { bot: store.bot.first_name }) : t("Sandbox: these Stars cost nothing."));

async function pay(sheet) {
  Object.assign(sheet, { state: "asking", error: null });
  sheet.panel.redraw();
  let outcome;
  try {
    outcome = await payStars(sheet.payer, sheet.way);
  } catch (error) {
    outcome = { status: "failed", error: error.message };
  }
  if (outcome.status === "paid") Object.assign(sheet, { state: "paid", error: null });
  else Object.assign(sheet, { state: "ready", error: outcome.error });
  sheet.panel.redraw();
  if (sheet.state === "paid") setTimeout(sheet.panel.close, DONE_MS);
}

function paidBody({ invoice, panel }) {
  const hints = {
    lost: t("Paid. The word to the service gets lost: it must look into its own account of Stars."),
    twice: t("Paid. The service is told twice: there must be one delivery."),
  };
  return [
    h("div", { class: "sheet-success", "data-testid": "stars-paid" }, h("i", { class: "burst" }), icon("check", "success-check")),
    bigSum(invoice),
    h("p", { class: "sheet-what", role: "status", text: hints[store.knobs.stars] ?? t("Paid for {title}.", { title: invoice.title }) }),
    h("div", { class: "sheet-buttons" }, panelButton("stars-done", "sheet-pay pay-stars", t("Back to the chat"), panel.close)),
  ];
}
