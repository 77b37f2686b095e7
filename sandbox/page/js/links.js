// Decides what a tapped link does: a payment's sheet, a start of the bot, a channel, sharing, a new browser tab, or nothing.

import { start } from "./api.js";
import { channelByName, openChannel } from "./channel.js";
import { t } from "./i18n.js";
import { openShare } from "./share.js";
import { openInvoice } from "./sheet.js";
import { openStars } from "./stars.js";
import { on, select, store } from "./store.js";
import { attempt, toast } from "./toasts.js";

const INVOICE = /#invoice-([\w-]+)$/;
const STARS = /(?:#stars-|^https:\/\/t\.me\/\$)([\w-]+)$/;
const START = /^#start-([\w-]*)$/;
const SHARES = new Set(["/share/url", "/share"]);
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

export function mountLinks() {
  on("reset", openFromAddress);
  addEventListener("hashchange", openFromAddress);
}

/** `/#start-<word>` and `/#stars-<slug>` typed by hand are tapped by whoever holds the phone. */
function openFromAddress() {
  const { hash } = location;
  const word = START.exec(hash)?.[1];
  if (word === undefined && !STARS.test(hash)) return;
  history.replaceState(null, "", location.pathname);
  if (word === undefined) openLink(hash);
  else startBot(word);
}

export function openLink(href) {
  const hash = INVOICE.exec(href)?.[1];
  if (hash) return openInvoice(hash);
  const slug = STARS.exec(href)?.[1];
  if (slug) return openStars(slug, { link: slug });
  const url = parse(href);
  if (!url) return toast(t("This link leads nowhere."));
  if (url.hostname === "t.me" && openInTelegram(url)) return undefined;
  if (url.protocol === "tg:") return toast(t("Telegram itself would open this."));
  if (!SAFE.has(url.protocol)) return toast(t("On a real phone another app would open this ({scheme}).", { scheme: url.protocol.slice(0, -1) }));
  return void window.open(url.href, "_blank", "noopener,noreferrer");
}

/** Whether the link is one that the phone's Telegram keeps to itself. */
function openInTelegram(url) {
  if (SHARES.has(url.pathname)) {
    openShare(url.searchParams.get("url") ?? "", url.searchParams.get("text") ?? "", openLink);
    return true;
  }
  const name = url.pathname.slice(1);
  const channel = channelByName(name);
  if (channel) openChannel(channel.id);
  const isThisBot = name.toLowerCase() === store.bot.username.toLowerCase();
  if (isThisBot) startBot(url.searchParams.get("start") ?? "");
  return Boolean(channel) || isThisBot;
}

/** A link to the bot leads into the chat with it. */
function startBot(word) {
  select(store.selected, store.selected);
  attempt(() => start(store.selected, word));
}

function parse(href) {
  try {
    return new URL(href, location.href);
  } catch {
    return null;
  }
}

/** A click anywhere in the page on a link written by a bot; the browser itself must not follow it. */
export function catchLinks(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.hasAttribute("download")) return;
    event.preventDefault();
    openLink(link.getAttribute("href"));
  });
}
