// What Telegram itself says in a chat, in a pill of its own: payments in Stars, who joins or leaves a group, and what becomes of it.

import { starCount } from "./format.js";
import { t } from "./i18n.js";

/** The words of a service message, null for every other one. */
export function noticeOf(message) {
  const { successful_payment: paid, refunded_payment: back, star_title: title } = message;
  if (paid) return t("You paid {sum} for {title}", { sum: `⭐${starCount(paid.total_amount)}`, title: title ?? t("an invoice") });
  if (back) return t("You got back {sum} for {title}", { sum: `⭐${starCount(back.total_amount)}`, title: title ?? t("an invoice") });
  const { new_chat_members: come, left_chat_member: gone, from } = message;
  if (come) return come[0].id === from.id ? t("{name} joined the group", { name: from.first_name }) : t("{name} added {other}", { name: from.first_name, other: come[0].first_name });
  if (gone) return gone.id === from.id ? t("{name} left the group", { name: from.first_name }) : t("{name} removed {other}", { name: from.first_name, other: gone.first_name });
  const { forum_topic_created: topic, migrate_to_chat_id: up, migrate_from_chat_id: down } = message;
  if (topic) return t("{name} made the topic “{topic}”", { name: from.first_name, topic: topic.name });
  if (up || down) return up ? t("This group became a supergroup") : t("This supergroup was a group");
  return null;
}
