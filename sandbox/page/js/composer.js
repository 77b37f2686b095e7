// The foot of the chat: text input, the answer being written to, the commands menu, and Start or Restart in their place.

import { changePerson, send, sendPicture } from "./api.js";
import { snippet } from "./bubble.js";
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { addressed, hasStarted, on, openChat, openGroup, person, store } from "./store.js";
import { attempt } from "./toasts.js";

const TEXT_MAX = 4096;

const drafts = new Map();
const chosenTopics = new Map();
let replyTo = null;
let menuOpen = false;
let shownMode = null;

const input = h("textarea", {
  class: "input",
  rows: 1,
  maxlength: TEXT_MAX,
  placeholder: t("Message"),
  "aria-label": t("Message"),
  "data-testid": "input",
  on: { input: onInput, keydown: onKey },
});
const sendButton = h("button", { type: "button", class: "send", "aria-label": t("Send"), "data-testid": "send", on: { click: submit } }, icon("send"));
const picture = h("input", { type: "file", accept: "image/png,image/jpeg", hidden: true, "data-testid": "attach-file", on: { change: submitPicture } });
const attachButton = h("button", { type: "button", class: "attach", "aria-label": t("Attach a photo"), "data-testid": "attach", on: { click: () => picture.click() } }, icon("attach"));
const menuButton = h(
  "button",
  { type: "button", class: "menu-button", "aria-expanded": "false", "data-testid": "menu", on: { click: () => showMenu(!menuOpen) } },
  icon("menu"),
  h("span", { text: t("Menu") }),
);
const topic = h("select", { class: "topic-choice", hidden: true, "aria-label": t("Topic"), "data-testid": "topic-choice", on: { change: () => chosenTopics.set(openChat(), topic.value) } });
const replyBar = h("div", { class: "reply-bar", hidden: true });
const menu = h("div", { class: "commands", hidden: true, role: "menu", "aria-label": t("The bot's commands") });

export function mountComposer() {
  for (const subject of ["reset", "people", "bot", "group"]) on(subject, draw);
  on("chat", ({ chatId }) => chatId === openChat() && draw());
  on("selected", () => {
    startReply(null, false);
    showMenu(false);
    input.value = drafts.get(draftKey()) ?? "";
    draw();
    onInput();
  });
  document.addEventListener("click", (event) => {
    if (menuOpen && !event.target.closest(".composer")) showMenu(false);
  });
}

const draftKey = () => `${store.selected}:${openChat()}`;

function mode() {
  const someone = person();
  if (!someone) return "none";
  if (openGroup()) return "open";
  if (someone.bot_blocked) return "blocked";
  return hasStarted(someone) ? "open" : "new";
}

function draw() {
  menuButton.hidden = commands().length === 0;
  drawTopics();
  attachButton.hidden = Boolean(openGroup());
  if (menuOpen) drawMenu();
  if (mode() === shownMode) return;
  shownMode = mode();
  if (shownMode === "new") fill($("composer"), wideButton(t("Start"), "start", () => send(store.selected, store.selected, "/start")));
  else if (shownMode === "blocked") fill($("composer"), wideButton(t("Restart bot"), "restart", restart));
  else if (shownMode === "open") fill($("composer"), menu, replyBar, h("div", { class: "composer-row" }, menuButton, topic, input, picture, attachButton, sendButton));
  else fill($("composer"));
  onInput();
}

function drawTopics() {
  const topics = Object.entries(openGroup()?.topics ?? {});
  topic.hidden = topics.length === 0;
  fill(topic, [["", { name: t("General") }], ...topics].map(([value, { name }]) => h("option", { value, text: name })));
  topic.value = chosenTopics.get(openChat()) ?? "";
}

/** None where an answer is written: that stands in the topic of what it answers. */
const topicHere = () => (topic.hidden || replyTo ? undefined : Number(topic.value));

function wideButton(text, testid, action) {
  const click = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    await attempt(action);
    button.disabled = false;
  };
  return h("button", { type: "button", class: "wide-button", "data-testid": testid, text, on: { click } });
}

async function restart() {
  await changePerson(store.selected, { bot_blocked: false });
  await send(store.selected, store.selected, "/start");
}

export function startReply(message, focus = true) {
  replyTo = message;
  replyBar.hidden = !message;
  if (!message) return fill(replyBar);
  const click = () => startReply(null);
  fill(
    replyBar,
    icon("reply"),
    h("div", {}, h("strong", { text: t("Reply to {name}", { name: message.from?.first_name ?? t("a message") }) }), h("span", { text: snippet(message) })),
    h("button", { type: "button", "aria-label": t("Do not reply"), "data-testid": "reply-cancel", on: { click } }, icon("close")),
  );
  if (focus) input.focus();
}

async function submit() {
  const text = input.value.trim();
  if (!text) return;
  const personId = store.selected;
  const chatId = openChat();
  const answered = replyTo?.message_id;
  const place = topicHere();
  input.value = "";
  startReply(null, false);
  showMenu(false);
  onInput();
  input.focus({ preventScroll: true });
  const went = await attempt(() => send(personId, chatId, text, answered, place));
  if (!went && store.selected === personId && openChat() === chatId && !input.value) {
    input.value = text;
    onInput();
  }
}

/** The text that is typed so far becomes its caption. */
async function submitPicture() {
  const [file] = picture.files;
  picture.value = "";
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = input.value.trim();
  const went = await attempt(() => sendPicture(store.selected, text, btoa(bytes.reduce((all, byte) => all + String.fromCharCode(byte), ""))));
  if (!went) return;
  input.value = "";
  onInput();
}

function onInput() {
  drafts.set(draftKey(), input.value);
  sendButton.disabled = input.value.trim() === "";
  input.style.height = "auto";
  if (input.isConnected) input.style.height = `${Math.min(input.scrollHeight, 120)}px`;
  if (/^\/\w*$/.test(input.value) && document.activeElement === input) showMenu(true);
  else if (menuOpen && input.value) showMenu(false);
}

function onKey(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  }
  if (event.key === "Escape") {
    if (menuOpen) showMenu(false);
    else startReply(null);
  }
}

function commands() {
  const everywhere = openGroup() ? store.bot.group_commands : store.bot.commands;
  const lists = store.bot.chat_commands?.[openChat()] ?? everywhere ?? {};
  return lists[person()?.language_code] ?? lists[""] ?? [];
}

function showMenu(open) {
  menuOpen = open && commands().length > 0;
  menu.hidden = !menuOpen;
  menuButton.setAttribute("aria-expanded", menuOpen);
  if (menuOpen) drawMenu();
}

function drawMenu() {
  const typed = input.value.startsWith("/") ? input.value.slice(1).toLowerCase() : "";
  const found = commands().filter(({ command }) => command.startsWith(typed));
  menu.hidden = found.length === 0;
  fill(menu, found.map(commandRow));
}

/** Puts a text into the open chat and sends it, as if it had been typed. */
export async function say(text) {
  if (mode() !== "open") throw new Error(t("{name} has to press Start first.", { name: person()?.first_name ?? t("This user") }));
  input.value = text;
  await submit();
}

function commandRow({ command, description }) {
  const click = () => {
    input.value = "";
    onInput();
    showMenu(false);
    attempt(() => send(store.selected, openChat(), addressed(`/${command}`), undefined, topicHere()));
  };
  return h(
    "button",
    { type: "button", class: "command", role: "menuitem", "data-testid": `command-${command}`, on: { click } },
    h("strong", { text: `/${command}` }),
    h("span", { text: description }),
  );
}
