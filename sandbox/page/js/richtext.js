// Puts the world's safe HTML into a bubble and makes it live as in Telegram: commands, spoilers, code to copy.

import { send } from "./api.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { addressed, openChat, store } from "./store.js";
import { attempt, copy } from "./toasts.js";

const LIVE = /(^|[\s(])(\/[a-z]\w{0,31}(?:@\w+)?\b|https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/gi;
const QUIET = "a, code, pre";

export function richText(message) {
  const text = h("div", { class: "text", dir: "auto" });
  if (typeof message.html === "string") text.innerHTML = message.html;
  else text.textContent = message.text ?? message.caption ?? "";
  text.querySelectorAll("pre, blockquote").forEach(eatNewline);
  linkify(text);
  text.querySelectorAll("pre").forEach(dressPre);
  text.querySelectorAll("code").forEach(dressCode);
  text.querySelectorAll("tg-spoiler, .tg-spoiler").forEach(dressSpoiler);
  text.querySelectorAll("blockquote[expandable]").forEach(dressQuote);
  return text;
}

/** A block ends its line by itself: the newline after it would show as an empty line. */
function eatNewline(block) {
  const after = block.nextSibling;
  if (after?.nodeType === Node.TEXT_NODE) after.data = after.data.replace(/^\n/, "");
}

function linkify(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(QUIET)) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const parts = split(node.data);
    if (parts.length > 1) node.replaceWith(...parts);
  }
}

function split(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LIVE)) {
    const start = match.index + match[1].length;
    parts.push(text.slice(end, start), liveWord(match[2]));
    end = start + match[2].length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

function liveWord(word) {
  if (!word.startsWith("/")) return h("a", { href: word, text: word });
  const click = () => attempt(() => send(store.selected, openChat(), addressed(word)));
  return h("button", { type: "button", class: "command-link", text: word, on: { click } });
}

function pressable(element, label, press) {
  element.setAttribute("role", "button");
  element.setAttribute("tabindex", "0");
  if (label) element.setAttribute("aria-label", label);
  element.addEventListener("click", press);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press(event);
  });
}

function dressCode(code) {
  if (code.closest("pre")) return;
  pressable(code, `${code.textContent}, ${t("copy")}`, () => copy(code.textContent));
}

function dressPre(pre) {
  const code = pre.querySelector("code");
  const language = code?.className.replace("language-", "") || t("copy");
  const text = pre.textContent;
  const click = () => copy(text);
  pre.prepend(h("button", { type: "button", class: "pre-head", text: language, "aria-label": t("Copy this block"), on: { click } }));
}

function dressSpoiler(spoiler) {
  const reveal = (event) => {
    if (spoiler.classList.contains("revealed")) return;
    event.stopPropagation();
    event.preventDefault();
    spoiler.classList.add("revealed");
    for (const name of ["role", "tabindex", "aria-label"]) spoiler.removeAttribute(name);
  };
  pressable(spoiler, t("Hidden text, tap to show"), reveal);
}

function dressQuote(quote) {
  pressable(quote, null, () => quote.classList.toggle("expanded"));
}
