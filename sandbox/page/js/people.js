// The people who can hold the phone: who is in, what waits for the others, their language, and a way to add one.

import { addPerson, changePerson } from "./api.js";
import { avatar } from "./avatar.js";
import { isMember, join } from "./channel.js";
import { $, fill, h } from "./dom.js";
import { starCount } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { apply, on, person, select, store } from "./store.js";
import { isSmall, showTab } from "./tabs.js";
import { attempt } from "./toasts.js";
import { unreadOf } from "./unread.js";

const LANGUAGES = { ru: ["🇷🇺", "Русский"], en: ["🇬🇧", "English"], de: ["🇩🇪", "Deutsch"], es: ["🇪🇸", "Español"], tr: ["🇹🇷", "Türkçe"], uk: ["🇺🇦", "Українська"], fa: ["🇮🇷", "فارسی"] };
const flagOf = (code) => LANGUAGES[code]?.[0] ?? "🏳️";
const nameOfLanguage = (code) => LANGUAGES[code]?.[1] ?? code ?? t("none");

const row = h("div", { class: "faces", role: "group", "aria-label": t("Who holds the phone") });
const card = h("div", { class: "person-card" });
const more = h("div", { class: "person-more" });
const form = personForm();

export function mountPeople() {
  fill($("people"), h("h2", { id: "people-title", text: t("Who holds the phone") }), row, card, more, form);
  for (const topic of ["reset", "people", "selected", "channel"]) on(topic, draw);
}

let carded = null;

function draw() {
  fill(row, [...store.people.values()].map(face), addButton());
  const someone = person();
  if (someone) fill(more, stars(someone), [...store.channels.values()].map((channel) => channelButton(channel, someone)));
  // An open list of languages must not vanish because somebody else got a message.
  if (!someone || carded === JSON.stringify(someone)) return;
  carded = JSON.stringify(someone);
  fill(card, words(someone), languageSelect(someone), blockButton(someone));
}

function face(someone) {
  const unread = unreadOf(someone.id);
  const chosen = someone.id === store.selected;
  const click = () => {
    select(someone.id);
    if (isSmall()) showTab("chat");
  };
  const said = [someone.first_name, nameOfLanguage(someone.language_code), someone.is_admin && t("admin"), someone.bot_blocked && t("has blocked the bot"), unread && t("{n} unread", { n: unread })];
  return h(
    "button",
    { type: "button", class: "face", "aria-pressed": String(chosen), "aria-label": said.filter(Boolean).join(", "), "data-testid": `person-${someone.id}`, on: { click } },
    h(
      "span",
      { class: someone.bot_blocked ? "face-picture blocked" : "face-picture" },
      avatar(someone),
      someone.is_admin && h("span", { class: "crown", title: t("Admin of the bot") }, icon("crown")),
      h("span", { class: "flag", text: flagOf(someone.language_code) }),
      unread > 0 && h("span", { class: "badge", "data-testid": `unread-${someone.id}`, text: unread }),
    ),
    h("span", { class: "face-name", text: someone.first_name }),
  );
}

function addButton() {
  const click = () => {
    form.hidden = !form.hidden;
    if (!form.hidden) form.querySelector("input").focus();
  };
  return h(
    "button",
    { type: "button", class: "face face-add", "aria-label": t("Add a person"), "data-testid": "add-person", on: { click } },
    h("span", { class: "face-picture" }, h("span", { class: "avatar" }, icon("plus"))),
    h("span", { class: "face-name", text: t("Add") }),
  );
}

function words(someone) {
  const about = [someone.username && `@${someone.username}`, someone.id, someone.is_admin && t("admin")].filter(Boolean);
  return h("p", { class: "person-words" }, h("strong", { text: someone.first_name }), h("small", { text: about.join(" · ") }));
}

function languageSelect(someone) {
  const change = (event) => attempt(() => changePerson(someone.id, { language_code: event.target.value }));
  const codes = new Set([...Object.keys(LANGUAGES), someone.language_code].filter(Boolean));
  const options = [...codes].map((code) =>
    h("option", { value: code, selected: code === someone.language_code, text: `${flagOf(code)} ${nameOfLanguage(code)}` }),
  );
  return h("select", { "aria-label": t("Language of this person's Telegram"), "data-testid": "language", on: { change } }, options);
}

function blockButton(someone) {
  const blocked = someone.bot_blocked;
  const click = () => attempt(() => changePerson(someone.id, { bot_blocked: !blocked }));
  return h(
    "button",
    { type: "button", class: blocked ? "small-button on" : "small-button", "aria-pressed": String(blocked), "data-testid": "block", on: { click } },
    icon("block"),
    blocked ? t("Unblock") : t("Block bot"),
  );
}

function stars(someone) {
  return h("span", { class: "person-stars", title: t("Telegram Stars"), "data-testid": "person-stars" }, icon("star", "star"), starCount(someone.stars));
}

function channelButton(channel, someone) {
  const inside = isMember(channel, someone.id);
  return h(
    "button",
    {
      type: "button",
      class: "small-button",
      title: inside ? t("Leave the channel") : t("Join the channel"),
      "aria-pressed": String(inside),
      "data-testid": `member-${channel.username}`,
      on: { click: () => join(channel, someone.id, inside ? "left" : "member") },
    },
    icon(inside ? "check" : "channel"),
    inside ? t("In {channel}", { channel: `@${channel.username}` }) : t("Join {channel}", { channel: `@${channel.username}` }),
  );
}

function personForm() {
  const name = h("input", { name: "first_name", required: true, pattern: ".*\\S.*", maxlength: 64, placeholder: t("First name"), "aria-label": t("First name"), autocomplete: "off", "data-testid": "new-name" });
  const username = h("input", { name: "username", maxlength: 32, pattern: "\\w*", placeholder: t("username"), "aria-label": t("Username"), autocomplete: "off", "data-testid": "new-username" });
  const language = h(
    "select",
    { name: "language_code", "aria-label": t("Language"), "data-testid": "new-language" },
    Object.entries(LANGUAGES).map(([code, [flag, text]]) => h("option", { value: code, text: `${flag} ${text}` })),
  );
  const submit = async (event) => {
    event.preventDefault();
    await attempt(async () => {
      const someone = await addPerson({ first_name: name.value.trim(), username: username.value.trim() || `person${store.people.size + 1}`, language_code: language.value });
      apply({ type: "person", person: someone });
      select(someone.id);
      element.hidden = true;
      element.reset();
    });
  };
  const button = h("button", { type: "submit", class: "small-button on", "data-testid": "new-save", text: t("Add") });
  const element = h("form", { class: "person-form", hidden: true, on: { submit } }, name, username, language, button);
  return element;
}
