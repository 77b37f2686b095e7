// What Telegram itself says in a chat, in a pill of its own: a payment in Stars, and its return.

import { starCount } from "./format.js";

/** The words of a service message, null for every other one. */
export function noticeOf(message) {
  const { successful_payment: paid, refunded_payment: back, star_title: title } = message;
  if (paid) return `You paid ⭐${starCount(paid.total_amount)} for ${title ?? "an invoice"}`;
  if (back) return `You got back ⭐${starCount(back.total_amount)} for ${title ?? "an invoice"}`;
  return null;
}
