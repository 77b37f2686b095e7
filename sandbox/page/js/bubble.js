// One message as Telegram draws it: bubble, reply preview, photo, document, text, time, ticks and keyboard.

import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { bytes, hhmm, starCount } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { keyboard } from "./keyboard.js";
import { noticeOf } from "./notice.js";
import { richText } from "./richtext.js";
import { isFromBot, isNotice, store, topicOf } from "./store.js";
import { isSeen } from "./ticks.js";
import { openPhoto } from "./viewer.js";

const PREVIEW_LENGTH = 90;
const UNHEARD = t("not shown to the bot: no command, mention or answer to it");

const COLOURS = 7;
const COLOUR_OF_BOT = 5;

export const isOwn = (message) => message.from?.id === store.selected;

/** The inside of a message; `onReply` starts an answer to it. */
export function bubble(message, onReply) {
  if (isNotice(message)) return [h("p", { class: "notice", "data-testid": "notice" }, h("span", { text: noticeOf(message) }))];
  const hasText = Boolean(message.text || message.caption);
  const bare = Boolean(message.photo) && !hasText;
  return [
    h(
      "div",
      { class: bare ? "bubble bare" : "bubble" },
      writer(message),
      topicOf(message) && h("small", { class: "topic", "data-testid": "topic", text: `# ${topicOf(message)}` }),
      replyPreview(message),
      photo(message),
      documentCard(message),
      invoiceCard(message),
      hasText || !bare ? textAndTime(message, hasText) : meta(message),
    ),
    replyButton(message, onReply),
    keyboard(message),
    face(message),
  ];
}

/** In a group everybody else's messages say whose they are. */
const isFromAnother = (message) => message.chat?.type === "supergroup" && !isOwn(message);

function writer(message) {
  if (!isFromAnother(message)) return null;
  const colour = isFromBot(message) ? COLOUR_OF_BOT : Math.abs(message.from.id) % COLOURS;
  return h("strong", { class: `writer writer-${colour}` }, message.from.first_name, isFromBot(message) && h("small", { text: t("bot") }));
}

const face = (message) => isFromAnother(message) && h("span", { class: isFromBot(message) ? "writer-face of-bot" : "writer-face" }, avatar(message.from));

function textAndTime(message, hasText) {
  const text = hasText ? richText(message) : h("div", { class: "text" });
  text.append(meta(message));
  return text;
}

function meta(message) {
  const parts = [message.edit_date && t("edited"), hhmm(message.date * 1000)].filter(Boolean);
  return h("span", { class: "meta" }, parts.join(" "), isOwn(message) && ticks(message));
}

function ticks(message) {
  const seen = isSeen(message);
  if (message.unheard) return h("span", { class: "unheard", role: "img", "aria-label": UNHEARD, title: UNHEARD }, icon("unheard"));
  const label = seen ? t("taken by the service") : t("sent");
  return h(
    "span",
    { class: seen ? "ticks seen" : "ticks", role: "img", "aria-label": label, title: label },
    icon("check"),
    icon("check"),
  );
}

export function snippet(message) {
  const text = message?.text ?? message?.caption;
  if (text) return text.replaceAll(/\s+/g, " ").slice(0, PREVIEW_LENGTH);
  if (message?.photo) return t("Photo");
  if (message?.invoice) return message.invoice.title;
  return message?.document?.file_name ?? t("Message");
}

function replyPreview({ reply_to_message: original }) {
  if (!original) return null;
  const click = () => {
    const target = document.querySelector(`.msg[data-message-id="${Number(original.message_id)}"]`);
    target?.scrollIntoView({ block: "center", behavior: "smooth" });
    target?.classList.add("pointed");
    setTimeout(() => target?.classList.remove("pointed"), 1400);
  };
  return h(
    "button",
    { type: "button", class: "quote", "aria-label": t("Go to the message answered here"), on: { click } },
    h("strong", { text: original.from?.first_name ?? t("Message") }),
    h("span", { text: snippet(original) }),
  );
}

function photo(message) {
  if (!message.photo) return null;
  const { width = 1, height = 1 } = message.photo.at(-1) ?? {};
  const name = snippet(message);
  const image = h("img", { src: message.file_url, alt: name, width, height, loading: "eager", decoding: "async" });
  return h(
    "button",
    {
      type: "button",
      class: message.has_media_spoiler ? "photo spoiler-photo" : "photo",
      "aria-label": t("Enlarge the photo"),
      "data-testid": "photo",
      style: { "--ratio": `${width} / ${height}` },
      on: { click: () => openPhoto(message) },
    },
    image,
  );
}

function documentCard({ document: file, file_url: url }) {
  if (!file) return null;
  const name = file.file_name ?? t("file");
  const ending = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : t("file");
  return h(
    "a",
    { class: "document", href: url, download: name, "data-testid": "document", "aria-label": t("Download {name}", { name }) },
    h("span", { class: "document-icon" }, icon("download"), h("small", { text: ending })),
    h("span", { class: "document-words" }, h("strong", { text: name }), h("small", { text: bytes(file.file_size) })),
  );
}

function invoiceCard({ invoice }) {
  if (!invoice) return null;
  return h(
    "div",
    { class: "offer", "data-testid": "offer" },
    h("strong", { text: invoice.title }),
    h("span", { text: invoice.description }),
    h("b", { text: `⭐ ${starCount(invoice.total_amount)}` }),
  );
}

function replyButton(message, onReply) {
  return h(
    "button",
    {
      type: "button",
      class: "reply-button",
      "aria-label": t("Reply to this message"),
      title: t("Reply"),
      "data-testid": `reply-${message.message_id}`,
      on: { click: () => onReply(message) },
    },
    icon("reply"),
  );
}
