// What Telegram itself says in a chat, in a pill of its own: payments in Stars, who joins or leaves a group, and what becomes of it.

import { starCount } from "./format.js";

/** The words of a service message, null for every other one. */
export function noticeOf(message) {
  const { successful_payment: paid, refunded_payment: back, star_title: title } = message;
  if (paid) return `You paid ⭐${starCount(paid.total_amount)} for ${title ?? "an invoice"}`;
  if (back) return `You got back ⭐${starCount(back.total_amount)} for ${title ?? "an invoice"}`;
  const { new_chat_members: come, left_chat_member: gone, from } = message;
  if (come) return come[0].id === from.id ? `${from.first_name} joined the group` : `${from.first_name} added ${come[0].first_name}`;
  if (gone) return gone.id === from.id ? `${from.first_name} left the group` : `${from.first_name} removed ${gone.first_name}`;
  const { forum_topic_created: topic, migrate_to_chat_id: up, migrate_from_chat_id: down } = message;
  if (topic) return `${from.first_name} made the topic “${topic.name}”`;
  if (up || down) return up ? "This group became a supergroup" : "This supergroup was a group";
  return null;
}
