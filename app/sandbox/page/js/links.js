// Decides what a tapped link does: the Crypto Pay sheet, a start of the bot, a new browser tab, or nothing.

import { send } from "./api.js";
import { store } from "./store.js";
import { openInvoice } from "./sheet.js";
import { attempt, toast } from "./toasts.js";

const INVOICE = /#invoice-([\w-]+)$/;
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

export const invoiceHash = (href) => INVOICE.exec(href)?.[1] ?? null;

export function openLink(href) {
  const hash = invoiceHash(href);
  if (hash) return openInvoice(hash);
  const url = parse(href);
  if (!url) return toast("This link leads nowhere.");
  const start = startOfThisBot(url);
  if (start !== null) return void attempt(() => send(store.selected, `/start ${start}`.trim()));
  if (url.protocol === "tg:") return toast("Telegram itself would open this.");
  if (!SAFE.has(url.protocol)) return toast(`On a real phone another app would open this (${url.protocol.slice(0, -1)}).`);
  return void window.open(url.href, "_blank", "noopener,noreferrer");
}

function startOfThisBot(url) {
  const mine = `/${store.bot.username}`.toLowerCase();
  if (url.hostname !== "t.me" || url.pathname.toLowerCase() !== mine) return null;
  return url.searchParams.get("start") ?? "";
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
