// The top of the phone: its status bar with the world's time, the bot's name, what it is doing, and the person's menu.

import { addTopic, changePerson, setGroupBot, setGroupMember } from "./api.js";
import { avatar } from "./avatar.js";
import { $, fill, h } from "./dom.js";
import { hhmm } from "./format.js";
import { t, tn } from "./i18n.js";
import { icon } from "./icons.js";
import { on, openChat, openGroup, person, store, worldNow } from "./store.js";
import { showTab } from "./tabs.js";
import { attempt } from "./toasts.js";
import { unreadOfAll } from "./unread.js";

const DOINGS = {
  typing: t("typing"),
  upload_photo: t("sending a photo"),
  upload_document: t("sending a file"),
  choose_sticker: t("choosing a sticker"),
};

const TITLE = t("Tollgate sandbox");

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
    h("button", { type: "button", class: "back", "aria-label": t("People"), on: { click: () => showTab("people") } }, icon("back"), badge),
    picture,
    h("div", { class: "chat-title" }, title, status),
    h("button", { type: "button", class: "more", "aria-label": t("Menu of this chat"), "aria-haspopup": "menu", "data-testid": "chat-menu", on: { click: toggle } }, icon("more")),
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
  const group = openGroup();
  const name = group?.title ?? store.bot.first_name;
  title.textContent = name;
  picture.classList.toggle("of-group", Boolean(group));
  if (picture.dataset.name !== name) {
    picture.dataset.name = name;
    fill(picture, avatar({ id: group?.id ?? store.bot.id, first_name: name }));
  }
  const doing = doingNow(group);
  status.textContent = doing ?? (group ? membersOf(group) : t("bot"));
  status.classList.toggle("busy", Boolean(doing));
  const unread = unreadOfAll();
  badge.textContent = unread || "";
  document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
  tick();
}

function membersOf({ members, bot }) {
  const inside = isInside(bot);
  const people = tn("{n} member", "{n} members", members.length + (inside ? 1 : 0));
  if (!inside) return t("{people}, the bot is out", { people });
  if (bot === "restricted") return t("{people}, the bot may not write", { people });
  return bot === "administrator" ? t("{people}, the bot manages it", { people }) : people;
}

const isInside = (bot) => bot !== "left" && bot !== "kicked";

function doingNow(group) {
  if (!store.connected) return t("waiting for network");
  const typing = store.typing.get(openChat());
  const doing = typing && (DOINGS[typing.action] ?? t("doing something"));
  return doing && group ? t("{name} is {doing}", { name: store.bot.first_name, doing }) : doing;
}

function toggle() {
  if (!options.hidden) return close();
  const someone = person();
  if (!someone) return undefined;
  if (openGroup()) return offer(groupOptions(openGroup(), someone));
  const blocked = someone.bot_blocked;
  const block = () => act(() => changePerson(someone.id, { bot_blocked: !blocked }));
  const language = someone.language_code === "ru" ? "en" : "ru";
  const speak = () => act(() => changePerson(someone.id, { language_code: language }));
  return offer([
    option("globe", language === "ru" ? t("Switch this phone to Russian") : t("Switch this phone to English"), speak),
    option("block", blocked ? t("Unblock the bot") : t("Stop and block the bot"), block),
  ]);
}

function groupOptions(group, someone) {
  const inside = isInside(group.bot);
  const mute = group.bot === "restricted" ? "member" : "restricted";
  const turnBot = () => act(() => setGroupBot(group.id, inside ? "kicked" : "member"));
  const muteBot = () => act(() => setGroupBot(group.id, mute));
  const nameTopic = () => act(() => makeTopic(group, someone));
  const isAdmin = group.bot === "administrator";
  const promoteBot = () => act(() => setGroupBot(group.id, isAdmin ? "member" : "administrator"));
  const go = () => act(() => setGroupMember(group.id, someone.id, "left"));
  return [
    option(inside ? "block" : "plus", inside ? t("Remove the bot from the group") : t("Add the bot to the group"), turnBot, "group-bot"),
    inside && option("block", mute === "member" ? t("Let the bot write") : t("Forbid the bot to write"), muteBot, "group-mute"),
    inside && group.kind === "supergroup" && option(isAdmin ? "block" : "plus", isAdmin ? t("Take the bot’s rights away") : t("Make the bot an administrator"), promoteBot, "group-admin"),
    group.kind === "supergroup" && option("plus", t("Make a topic"), nameTopic, "group-topic"),
    option("leave", t("Leave the group"), go, "group-leave"),
  ].filter(Boolean);
}

async function makeTopic(group, someone) {
  const name = prompt(t("Name of the topic"))?.trim();
  if (name) await addTopic(group.id, someone.id, name);
}

function offer(choices) {
  fill(options, choices);
  options.hidden = false;
  options.querySelector("button").focus();
}

function act(action) {
  close();
  attempt(action);
}

function close() {
  options.hidden = true;
}

function option(sign, text, click, testid = null) {
  return h("button", { type: "button", role: "menuitem", "data-testid": testid, on: { click } }, icon(sign), h("span", { text }));
}
