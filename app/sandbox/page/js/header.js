// The top of the phone: its status bar with the world's time, the bot's name, what it is doing, and the person's menu.

import { changePerson } from "./api.js";
import { avatar } from "./avatar.js";
import { $, fill, h } from "./dom.js";
import { hhmm } from "./format.js";
import { icon } from "./icons.js";
import { on, person, store, worldNow } from "./store.js";
import { showTab } from "./tabs.js";
import { attempt } from "./toasts.js";

const DOINGS = {
  typing: "typing",
  upload_photo: "sending a photo",
  upload_document: "sending a file",
  choose_sticker: "choosing a sticker",
};

const time = h("span", { class: "statusbar-time" });
const status = h("small", { class: "chat-status", role: "status", "data-testid": "chat-status" });
const title = h("strong", { "data-testid": "bot-name" });
const picture = h("span", { class: "chat-picture" });
const badge = h("span", { class: "badge" });
const options = h("div", { class: "options", role: "menu", hidden: true });

export function mountHeader() {
  fill($("statusbar"), time, h("i", { class: "island" }), h("span", { class: "signals" }, h("i", { class: "bars" }), h("i", { class: "battery" })));
  fill(
    $("chat-header"),
    h("button", { type: "button", class: "back", "aria-label": "People", on: { click: () => showTab("people") } }, icon("back"), badge),
    picture,
    h("div", { class: "chat-title" }, title, status),
    h("button", { type: "button", class: "more", "aria-label": "Menu of this chat", "aria-haspopup": "menu", "data-testid": "chat-menu", on: { click: toggle } }, icon("more")),
    options,
  );
  for (const topic of ["reset", "bot", "people", "selected", "typing", "connection"]) on(topic, draw);
  on("clock", tick);
  setInterval(tick, 5000);
  document.addEventListener("click", (event) => !event.target.closest(".chat-header") && close());
  options.addEventListener("keydown", (event) => event.key === "Escape" && close());
}

function tick() {
  time.textContent = hhmm(worldNow());
}

function draw() {
  title.textContent = store.bot.first_name;
  if (picture.dataset.name !== store.bot.first_name) {
    picture.dataset.name = store.bot.first_name;
    fill(picture, avatar({ id: store.bot.id, first_name: store.bot.first_name }));
  }
  const doing = doingNow();
  status.textContent = doing ?? "bot";
  status.classList.toggle("busy", Boolean(doing));
  const unread = [...store.unread.values()].reduce((total, count) => total + count, 0);
  badge.textContent = unread || "";
  document.title = unread ? `(${unread}) Tollgate sandbox` : "Tollgate sandbox";
  tick();
}

function doingNow() {
  if (!store.connected) return "waiting for network";
  const typing = store.typing.get(store.selected);
  return typing && (DOINGS[typing.action] ?? "doing something");
}

function toggle() {
  if (!options.hidden) return close();
  const someone = person();
  if (!someone) return undefined;
  const blocked = someone.bot_blocked;
  const block = () => act(() => changePerson(someone.id, { bot_blocked: !blocked }));
  const language = someone.language_code === "ru" ? "en" : "ru";
  const speak = () => act(() => changePerson(someone.id, { language_code: language }));
  fill(
    options,
    option("globe", language === "ru" ? "Switch this phone to Russian" : "Switch this phone to English", speak),
    option("block", blocked ? "Unblock the bot" : "Stop and block the bot", block),
  );
  options.hidden = false;
  options.querySelector("button").focus();
  return undefined;
}

function act(action) {
  close();
  attempt(action);
}

function close() {
  options.hidden = true;
}

function option(sign, text, click) {
  return h("button", { type: "button", role: "menuitem", on: { click } }, icon(sign), h("span", { text }));
}
