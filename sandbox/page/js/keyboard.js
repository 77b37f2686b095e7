// Inline keyboards: what each kind of button does, and the spinner it shows until its callback is answered.

import { tap } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { openLink } from "./links.js";
import { openStars } from "./stars.js";
import { on, openChat, store } from "./store.js";
import { alertBox, attempt, copy, toast } from "./toasts.js";

const SPINNER_MS = 30_000;
const STYLES = new Set(["primary", "success", "danger"]);

const waiting = new Map();
const answered = new Set();

const place = (message, data) => `${store.selected}:${message.chat?.id}:${message.message_id}:${data}`;

export function keyboard(message) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  if (rows.length === 0) return null;
  const keys = rows.map((row) => h("div", { class: "key-row" }, row.map((button) => key(message, button))));
  return h("div", { class: "keyboard" }, keys);
}

function key(message, button) {
  const { action, name, sign, spoken } = kind(message, button);
  const classes = ["key", STYLES.has(button.style) && `key-${button.style}`, waiting.has(place(message, name)) && "waiting"];
  return h(
    "button",
    {
      type: "button",
      class: classes.filter(Boolean).join(" "),
      title: button.text,
      "aria-label": `${button.text}${spoken}`,
      "data-testid": `key-${name}`,
      "data-place": place(message, name),
      "aria-busy": String(waiting.has(place(message, name))),
      on: { click: action },
    },
    h("span", { class: "key-text", text: button.text }),
    sign && icon(sign, "key-sign"),
  );
}

function kind(message, button) {
  if (button.url) return { name: button.url, sign: "arrow", spoken: `, ${t("link")}`, action: () => openLink(button.url) };
  if (button.pay) return { name: "pay", sign: "star", spoken: `, ${t("pay with Stars")}`, action: () => openStars(message.star_slug, { message_id: message.message_id }) };
  const app = button.web_app?.url ?? button.login_url?.url;
  if (app) return { name: app, sign: "window", spoken: `, ${t("opens an app")}`, action: () => openLink(app) };
  const text = button.copy_text?.text;
  if (text) return { name: text, sign: "copy", spoken: `, ${t("copy")}`, action: () => copy(text) };
  const data = button.callback_data;
  if (data) return { name: data, sign: null, spoken: "", action: () => press(message, data) };
  const said = t("The sandbox does not know this kind of button.");
  return { name: button.text, sign: null, spoken: "", action: () => toast(said) };
}

async function press(message, data) {
  const at = place(message, data);
  if (waiting.has(at)) return;
  const entry = { callbackId: null, timer: setTimeout(() => release(at), SPINNER_MS) };
  waiting.set(at, entry);
  show(at);
  const went = await attempt(async () => {
    const { callback_query_id: callbackId } = await tap(store.selected, message.chat?.id ?? openChat(), message.message_id, data);
    entry.callbackId = String(callbackId);
  });
  if (!went || answered.delete(entry.callbackId)) release(at);
}

function release(at) {
  clearTimeout(waiting.get(at)?.timer);
  waiting.delete(at);
  show(at);
}

function show(at) {
  const element = document.querySelector(`[data-place="${CSS.escape(at)}"]`);
  element?.classList.toggle("waiting", waiting.has(at));
  element?.setAttribute("aria-busy", waiting.has(at));
}

/** An answer may come before the tap itself has returned its id: it is kept until then. */
function settle(callbackId) {
  const found = [...waiting].find(([, entry]) => entry.callbackId === callbackId);
  if (found) release(found[0]);
  else answered.add(callbackId);
}

export function listenForAnswers() {
  on("callback", ({ person_id: personId, callback_query_id: callbackId, text, show_alert: isAlert, url }) => {
    settle(String(callbackId));
    if (personId !== store.selected) return;
    if (url) openLink(url);
    if (text && isAlert) alertBox(text, store.bot.first_name);
    else if (text) toast(text);
  });
}
