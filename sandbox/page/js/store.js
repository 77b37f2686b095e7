// Everything the page knows of the world, changed by its events only; views listen to topics and read from here.

import { addUnread, clearUnread } from "./unread.js";

const KEPT_DELIVERIES = 60;
const TYPING_SECONDS = 5.5;

export const store = {
  ready: false,
  connected: false,
  bot: { id: 0, first_name: "Bot", username: "bot", commands: {} },
  people: new Map(),
  chats: new Map(),
  invoices: new Map(),
  panels: [],
  panelUsers: new Map(),
  channels: new Map(),
  groups: new Map(),
  chains: new Map(),
  starTransactions: [],
  knobs: {},
  deliveries: [],
  service: null,
  selected: null,
  typing: new Map(),
  clockSkewMs: 0,
  offsetSeconds: 0,
};

const topics = new EventTarget();

/** Who holds the phone looks at one chat: with the bot, or of a group; each person's phone remembers which. */
const looksAt = new Map();

/** Topics: reset, people, selected (another person or another chat), group, chain, tab, chat, sent, typing, callback, invoice, panel, channel, stars, knobs, delivery, service, clock, bot, connection. */
export const on = (topic, listener) => topics.addEventListener(topic, (event) => listener(event.detail));
/** Also for what the page itself changes, as its open tab. */
export const emit = (topic, detail) => topics.dispatchEvent(new CustomEvent(topic, { detail }));

export const worldNow = () => Date.now() + store.clockSkewMs;
export const person = () => store.people.get(store.selected);
export const chatOf = (chatId) => store.chats.get(Number(chatId)) ?? new Map();
export const groupsOf = (personId) => [...store.groups.values()].filter((group) => group.members.includes(personId));
export const openGroup = () => groupsOf(store.selected).find((group) => group.id === looksAt.get(store.selected));
/** The id of the chat on the screen: the person's own for the one with the bot, negative for a group. */
export const openChat = () => openGroup()?.id ?? store.selected;
/** In a group a command says which bot it is for. */
export const addressed = (command) => (openGroup() && !command.includes("@") ? `${command}@${store.bot.username}` : command);
export const isFromBot = (message) => message.from?.is_bot === true || message.from?.id === store.bot.id;
const NOTICES = ["successful_payment", "refunded_payment", "new_chat_members", "left_chat_member", "forum_topic_created", "migrate_to_chat_id", "migrate_from_chat_id"];
export const isNotice = (message) => NOTICES.some((name) => message[name]);
/** The topic of a forum that a message stands in; none in General. */
export const topicOf = (message) => (message.is_topic_message && store.groups.get(message.chat.id)?.topics?.[message.message_thread_id]?.name) || null;
export const invoiceByHash = (hash) => [...store.invoices.values()].find((invoice) => invoice.hash === hash);

export function hasStarted(someone) {
  return someone.started || [...chatOf(someone.id).values()].some((message) => !isFromBot(message));
}

/** Without a chat, the one that this person looked at last. */
export function select(personId, chatId) {
  store.selected = personId;
  if (chatId !== undefined) looksAt.set(personId, chatId);
  clearUnread(personId, openChat());
  emit("selected");
  emit("people");
}

export function setConnected(connected) {
  if (store.connected === connected && store.ready) return;
  store.connected = connected;
  emit("connection");
}

/** Takes a whole state; messages that did not change stay the same objects, so that only real changes move on the page. */
export function reset(state) {
  store.bot = state.bot ?? store.bot;
  store.people = byKey(state.people, "id");
  store.invoices = byKey(state.invoices, "invoice_id");
  store.panels = state.panels ?? store.panels;
  store.panelUsers = byKey(state.panel_users, "uuid");
  store.channels = byKey(state.channels, "id");
  store.groups = byKey(state.groups, "id");
  store.chains = new Map(Object.entries(state.chains ?? {}));
  store.starTransactions = state.star_transactions ?? [];
  store.knobs = state.knobs ?? {};
  store.deliveries = (state.deliveries ?? []).slice(-KEPT_DELIVERIES);
  store.service = state.service ?? null;
  store.chats = new Map(Object.entries(state.chats ?? {}).map(([id, chat]) => [Number(id), keep(Number(id), chat)]));
  setClock(state);
  store.ready = true;
  if (!store.people.has(store.selected)) store.selected = state.people?.[0]?.id ?? null;
  emit("reset");
}

function keep(chatId, chat) {
  const known = chatOf(chatId);
  return new Map((chat.messages ?? []).map((message) => [message.message_id, same(known.get(message.message_id), message)]));
}

const same = (old, fresh) => (old && JSON.stringify(old) === JSON.stringify(fresh) ? old : fresh);
const byKey = (items, key) => new Map((items ?? []).map((item) => [item[key], item]));

function setClock({ now, offset_seconds: offset }) {
  if (now) store.clockSkewMs = Date.parse(now) - Date.now();
  store.offsetSeconds = offset ?? store.offsetSeconds;
}

const handlers = {
  message: ({ chat_id: chatId, message }) => putMessage(chatId, message, true),
  edit: ({ chat_id: chatId, message }) => putMessage(chatId, message, false),
  delete: ({ chat_id: chatId, message_id: messageId }) => {
    store.chats.get(chatId)?.delete(messageId);
    emit("chat", { chatId });
  },
  typing: ({ chat_id: chatId, action }) => setTyping(chatId, action),
  callback_answer: (event) => emit("callback", event),
  invoice: ({ invoice }) => {
    store.invoices.set(invoice.invoice_id, invoice);
    emit("invoice", invoice);
  },
  person: ({ person: someone }) => {
    store.people.set(someone.id, someone);
    emit("people");
  },
  panel_user: ({ panel_user: user, removed }) => {
    if (removed) store.panelUsers.delete(removed);
    if (user) store.panelUsers.set(user.uuid, user);
    emit("panel");
  },
  channel: ({ channel }) => {
    store.channels.set(channel.id, channel);
    emit("channel", channel);
  },
  group: ({ group }) => {
    store.groups.set(group.id, group);
    emit("group", group);
    emit("people");
  },
  chain: ({ key, chain }) => {
    store.chains.set(key, chain);
    emit("chain", key);
  },
  star_transaction: ({ transaction }) => {
    store.starTransactions = [...store.starTransactions, transaction];
    emit("stars");
  },
  knobs: ({ knobs }) => {
    store.knobs = knobs;
    emit("knobs");
  },
  delivery: ({ delivery }) => {
    const rest = store.deliveries.filter((known) => known.id !== delivery.id || known.attempt !== delivery.attempt);
    store.deliveries = [...rest, delivery].slice(-KEPT_DELIVERIES);
    emit("delivery", delivery);
  },
  service: ({ service }) => {
    store.service = service;
    emit("service");
  },
  clock: (event) => {
    setClock(event);
    emit("clock");
  },
  bot: ({ bot }) => {
    store.bot = { ...store.bot, ...bot };
    emit("bot");
  },
};

/** Applies one event of the world; unknown kinds are left alone. */
export function apply(event) {
  handlers[event.type]?.(event);
}

function putMessage(chatId, message, isNew) {
  const chat = store.chats.get(chatId) ?? new Map();
  const known = chat.has(message.message_id);
  chat.set(message.message_id, message);
  store.chats.set(chatId, chat);
  if (isNew && !known) noticeNew(chatId, message);
  emit("chat", { chatId });
}

function noticeNew(chatId, message) {
  if (isNotice(message)) return;
  const mine = !isFromBot(message);
  if (mine) emit("sent", message);
  else setTyping(chatId, null);
  const readers = store.groups.get(chatId)?.members ?? (mine ? [] : [chatId]);
  const missing = readers.filter((id) => id !== message.from?.id && !(id === store.selected && chatId === openChat()));
  for (const id of missing) addUnread(id, chatId);
  if (missing.length > 0) emit("people");
}

function setTyping(chatId, action) {
  clearTimeout(store.typing.get(chatId)?.timer);
  if (action && action !== "cancel") {
    const timer = setTimeout(() => setTyping(chatId, null), TYPING_SECONDS * 1000);
    store.typing.set(chatId, { action, timer });
  } else if (!store.typing.delete(chatId)) {
    return;
  }
  emit("typing", chatId);
}
