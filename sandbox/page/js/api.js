// The one place that talks to the world: its control API over fetch, and its events with reconnection.

import { t } from "./i18n.js";

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error(t("The sandbox does not answer. Is it still running?"));
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error ?? t("The sandbox answered {status}.", { status: response.status }));
  return data;
}

const id = encodeURIComponent;

export const getState = () => call("GET", "/world/state");
export const addPerson = (person) => call("POST", "/world/people", person);
export const changePerson = (personId, change) => call("POST", `/world/people/${id(personId)}`, change);
export const payInvoice = (invoiceId, choice) => call("POST", `/world/invoices/${id(invoiceId)}/pay`, choice);
export const expireInvoice = (invoiceId) => call("POST", `/world/invoices/${id(invoiceId)}/expire`, {});
export const turnKnobs = (change) => call("PATCH", "/world/knobs", change);
export const fillShop = () => call("POST", "/world/fill", {});
export const skip = (seconds) => call("POST", "/world/skip", { seconds });

export const getStarInvoice = (slug) => call("GET", `/world/stars/${id(slug)}`);
export const payStars = (personId, way) => call("POST", `/world/people/${id(personId)}/stars/pay`, way);
export const start = (personId, payload) => call("POST", `/world/people/${id(personId)}/start`, { payload });
export const setMembership = (personId, channel, status) => call("POST", `/world/people/${id(personId)}/channels`, { channel, status });

/** `chatId` is a group's, or the person's own for the chat with the bot; `topic` is one of the group's. */
export function send(personId, chatId, text, replyTo, topic) {
  const place = { ...(replyTo ? { reply_to_message_id: replyTo } : {}), ...(topic ? { message_thread_id: topic } : {}) };
  const body = { text, ...inGroup(personId, chatId), ...place };
  return call("POST", `/world/people/${id(personId)}/send`, body);
}

export const sendPicture = (personId, text, picture) => call("POST", `/world/people/${id(personId)}/send`, { text, picture });

export const tap = (personId, chatId, messageId, data) =>
  call("POST", `/world/people/${id(personId)}/tap`, { message_id: messageId, data, ...inGroup(personId, chatId) });

const inGroup = (personId, chatId) => (chatId === personId ? {} : { chat_id: chatId });

export const addGroup = (title, members) => call("POST", "/world/groups", { title, members });
export const setGroupMember = (groupId, personId, status) => call("POST", `/world/groups/${id(groupId)}/members`, { person_id: personId, status });
export const addTopic = (groupId, personId, name) => call("POST", `/world/groups/${id(groupId)}/topics`, { person_id: personId, name });
export const setGroupBot = (groupId, status) => call("POST", `/world/groups/${id(groupId)}/bot`, { status });

/** `what` is an action of this chain: send, mine, reorg, drop. */
export const onChain = (key, what, body) => call("POST", `/world/chains/${id(key)}/${what}`, body);
export const turnChain = (key, change) => call("PATCH", `/world/chains/${id(key)}`, change);
export const turnEndpoint = (key, name, state) => call("PATCH", `/world/chains/${id(key)}/endpoints/${id(name)}`, { state });

/**
 * Opens the event stream and opens it again whenever it breaks. `onOpen` comes before the first event of each
 * connection, so the caller can read the state anew and miss nothing in between.
 */
export function listen({ onOpen, onEvent, onLost }) {
  let pause = 500;
  let source = null;
  const open = () => {
    source = new EventSource("/world/events");
    source.onopen = () => {
      pause = 500;
      onOpen();
    };
    source.onmessage = (message) => {
      const event = parse(message.data);
      if (event) onEvent(event);
    };
    source.onerror = () => {
      source.close();
      onLost();
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 5000);
    };
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
