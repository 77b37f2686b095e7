// The list of messages: keeps what stands, moves in what is new, flashes what was edited, lets go what was deleted.

import { bubble, isOwn } from "./bubble.js";
import { startReply } from "./composer.js";
import { $, animate, h, prefersStill } from "./dom.js";
import { dayLabel } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { morph } from "./morph.js";
import { chatOf, isNotice, on, openChat, openGroup, store, worldNow } from "./store.js";
import { followTicks, isSeen } from "./ticks.js";

const GROUP_SECONDS = 600;
const MOST_SHOWN = 400;
const NEAR_BOTTOM_PX = 120;
const QUIET_MS = 15_000;
const GREETING_OF_GROUP = t("Nobody has written here yet. The bot hears commands, mentions and answers to it.");

let shown = null;
let drawn = new Map();
let missed = 0;
let sticky = true;
let seenHeight = 0;

const list = h("div", { class: "message-list" });
const jumpCount = h("span", { class: "badge" });
const jump = h(
  "button",
  { type: "button", class: "jump", hidden: true, "aria-label": t("Go to the newest message"), on: { click: goDown } },
  icon("down"),
  jumpCount,
);

export function mountChat() {
  const scroller = $("messages");
  scroller.append(h("div", { class: "message-roll" }, list));
  scroller.after(jump);
  scroller.addEventListener("scroll", noticeScroll, { passive: true });
  const size = new ResizeObserver(() => sticky && pin());
  size.observe(scroller);
  size.observe(list);
  followTicks(draw);
  on("reset", draw);
  on("selected", draw);
  on("bot", draw);
  on("chat", ({ chatId }) => chatId === openChat() && draw());
  on("group", draw);
}

function draw() {
  const fresh = shown !== `${store.selected}:${openChat()}`;
  if (fresh) startOver();
  const wanted = items();
  const keys = new Set(wanted.map((item) => item.key));
  for (const [key, entry] of drawn) if (!keys.has(key)) leave(key, entry);
  const moved = sticky ? null : watchWhatIsRead();
  let previous = null;
  for (const item of wanted) previous = place(item, previous, fresh);
  greet(wanted.length === 0);
  if (fresh) pin();
  else if (sticky) glide(pin());
  else if (moved) $("messages").scrollTop += moved();
}

/** Answers by how many pixels the topmost message in sight is moved: browsers hold it in place, but not always. */
function watchWhatIsRead() {
  const edge = $("messages").getBoundingClientRect().top;
  const read = [...list.children].find((element) => element.getBoundingClientRect().bottom > edge);
  const top = read?.getBoundingClientRect().top;
  return read && (() => read.getBoundingClientRect().top - top);
}

function startOver() {
  shown = `${store.selected}:${openChat()}`;
  drawn = new Map();
  missed = 0;
  sticky = true;
  list.replaceChildren();
  list.classList.toggle("in-group", Boolean(openGroup()));
}

function greet(empty) {
  const known = list.querySelector(".greeting");
  list.classList.toggle("nothing", empty);
  if (!empty) known?.remove();
  else if (!known) list.append(h("p", { class: "greeting", text: openGroup() ? GREETING_OF_GROUP : t("No messages here yet. Press Start to meet the bot.") }));
}

/** Day separators and messages in order, each with what its looks depend on. */
function items() {
  const messages = [...chatOf(openChat()).values()].sort((a, b) => a.message_id - b.message_id).slice(-MOST_SHOWN);
  const result = [];
  messages.forEach((message, i) => {
    const day = dayLabel(message.date * 1000, worldNow());
    const before = messages[i - 1];
    if (!before || dayLabel(before.date * 1000, worldNow()) !== day) result.push({ key: `day-${day}`, day });
    const looks = { first: !together(before, message), last: !together(message, messages[i + 1]), seen: isSeen(message) };
    result.push({ key: message.message_id, message, looks });
  });
  return result;
}

function together(a, b) {
  return Boolean(a && b) && !isNotice(a) && !isNotice(b) && a.from?.id === b.from?.id && b.date - a.date < GROUP_SECONDS && !a.reply_markup?.inline_keyboard;
}

function classOf(message) {
  if (isNotice(message)) return "msg told";
  return isOwn(message) ? "msg own" : "msg";
}

function place(item, previous, fresh) {
  const known = drawn.get(item.key);
  const entry = known ?? create(item, fresh);
  if (item.message) dress(entry, item, Boolean(known));
  const next = previous ? previous.nextElementSibling : list.firstElementChild;
  if (next !== entry.element) list.insertBefore(entry.element, next);
  return entry.element;
}

function create(item, fresh) {
  const element = item.day
    ? h("div", { class: "day", role: "separator" }, h("span", { text: item.day }))
    : h("article", {
        class: classOf(item.message),
        "data-testid": "msg",
        "data-message-id": item.key,
        tabindex: "-1",
        on: { dblclick: (event) => !event.target.closest("button, a, code") && startReply(item.message) },
      });
  const entry = { element, message: null, seen: null, editedMs: -Infinity };
  drawn.set(item.key, entry);
  if (!fresh && item.message) enter(entry, item.message);
  return entry;
}

function enter({ element }, message) {
  element.classList.add(isOwn(message) ? "entering-own" : "entering");
  element.addEventListener("animationend", () => element.classList.remove("entering", "entering-own"), { once: true });
  if (sticky || isOwn(message)) return void (sticky = true);
  missed += 1;
  showJump();
}

function dress(entry, { message, looks }, known) {
  entry.element.classList.toggle("first", looks.first);
  entry.element.classList.toggle("last", looks.last);
  if (entry.message === message && entry.seen === looks.seen) return;
  const edited = known && entry.message !== message;
  const height = bubbleHeight(entry);
  entry.message = message;
  entry.seen = looks.seen;
  morph(entry.element, bubble(message, startReply).filter(Boolean));
  if (edited) showEdit(entry, height);
}

/** A single edit draws the eye; a card that is edited again and again only says something else. */
function showEdit(entry, height) {
  const isOften = performance.now() - entry.editedMs < QUIET_MS;
  entry.editedMs = performance.now();
  if (!isOften) flash(entry.element);
  if (sticky && bubbleHeight(entry) !== height) grow(entry.element.querySelector(".bubble"), height);
}

const bubbleHeight = ({ element }) => element.querySelector(".bubble")?.offsetHeight ?? 0;

function flash(element) {
  element.classList.remove("edited-now");
  requestAnimationFrame(() => element.classList.add("edited-now"));
  setTimeout(() => element.classList.remove("edited-now"), 900);
}

/** Only the bubble grows; what stands below it stays where it is, because the chat is held at its end. */
function grow(element, height) {
  const whole = "inset(0 -12px -2px)"; // its tail and shadow stay to be seen
  const frames = [height, element.offsetHeight].map((pixels) => ({ height: `${pixels}px`, clipPath: whole }));
  animate(element, frames, { duration: 220, easing: "ease-out" });
}

async function leave(key, { element }) {
  drawn.delete(key);
  element.removeAttribute("data-testid");
  element.inert = true;
  const height = `${element.offsetHeight}px`;
  await animate(
    element,
    [
      { height, opacity: 1, transform: "scale(1)", filter: "blur(0)" },
      { height, opacity: 0, transform: "scale(.92)", filter: "blur(6px)", offset: 0.6 },
      { height: "0px", opacity: 0, margin: "0", filter: "blur(6px)" },
    ],
    { duration: 420, easing: "ease-in-out" },
  );
  element.remove();
}

function noticeScroll() {
  const scroller = $("messages");
  // On a busy machine the chat may have grown since the scroll that this event tells of: nobody has left the end.
  if (sticky && scroller.scrollHeight !== seenHeight) return void pin();
  seenHeight = scroller.scrollHeight;
  sticky = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM_PX;
  if (sticky) missed = 0;
  showJump();
}

function showJump() {
  jump.hidden = sticky;
  jumpCount.textContent = missed || "";
}

function goDown() {
  const scroller = $("messages");
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: prefersStill() ? "instant" : "smooth" });
}

/** Shows the newest message and answers by how many pixels that moved the chat. */
function pin() {
  const scroller = $("messages");
  const before = scroller.scrollTop;
  seenHeight = scroller.scrollHeight;
  scroller.scrollTop = seenHeight;
  return scroller.scrollTop - before;
}

// The chat is at its new place at once, so that nothing has to wait; only its looks follow.
function glide(pixels) {
  if (pixels < 3) return;
  animate(list, [{ transform: `translateY(${pixels}px)` }, { transform: "none" }], { duration: 260, easing: "cubic-bezier(0.2, 0.9, 0.3, 1)" });
}
