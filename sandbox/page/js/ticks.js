// Tells whether the service has taken what a person wrote: one tick when sent, two when its webhook answered 2xx.

import { on, openChat } from "./store.js";

const waiting = new Map();

const of = (chatId) => waiting.get(chatId) ?? [];

export const isSeen = (message) => !message.unheard && !of(message.chat?.id).includes(message.message_id);

/** Messages that were there when the page opened count as taken; of later ones each good delivery takes the oldest. */
export function followTicks(redraw) {
  on("reset", () => waiting.clear());
  on("sent", (message) => !message.unheard && waiting.set(message.chat?.id, [...of(message.chat?.id), message.message_id]));
  on("delivery", (delivery) => {
    if (delivery.target !== "telegram" || !delivery.what?.startsWith("message")) return;
    if (delivery.status < 200 || delivery.status > 299) return;
    const chatId = delivery.chat_id ?? delivery.person_id;
    waiting.set(chatId, of(chatId).slice(1));
    if (chatId === openChat()) redraw();
  });
}
