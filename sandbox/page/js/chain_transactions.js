// The newest transactions of a chain: what became of each, and what can still be done to it.

import { onChain } from "./api.js";
import { say } from "./composer.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { person } from "./store.js";
import { showTab } from "./tabs.js";
import { attempt, copy } from "./toasts.js";

const TONES = { pending: "warn", mempool: "warn", mined: "ok", accepted: "ok", failed: "bad", declined: "bad", replaced: "off", dropped: "off", lost: "bad" };
const STATUSES = {
  pending: t("pending"),
  mempool: t("in mempool"),
  mined: t("mined"),
  accepted: t("accepted"),
  failed: t("failed"),
  declined: t("declined"),
  replaced: t("replaced"),
  dropped: t("dropped"),
  lost: t("lost"),
};
const HEAD_CHARACTERS = 8;
const TAIL_CHARACTERS = 4;

export const short = (hash) => `${hash.slice(0, HEAD_CHARACTERS)}…${hash.slice(-TAIL_CHARACTERS)}`;

export function transactionRow(key, chain, transaction) {
  const { hash, status } = transaction;
  return h(
    "div",
    { class: "transaction", role: "listitem", "data-testid": `tx-${hash}`, "data-status": status },
    h("div", { class: "transaction-words" }, h("code", { title: hash, text: short(hash) }), h("small", { text: amount(chain, transaction) })),
    h("span", { class: `pill ${TONES[status] ?? ""}`, text: standing(chain, transaction) }),
    act(hash, "track", "track", t("Track in the chat"), () => track(hash)),
    ...(chain.kind === "cellframe" ? onCellframe(key, transaction) : onBlocks(key, chain, transaction)),
    act(hash, "copy", "copy", t("Copy the hash"), () => copy(hash)),
  );
}

function amount(chain, { value, token }) {
  if (token && typeof token === "object") return `${token.amount} ${token.symbol}`;
  return `${value} ${token || chain.coin}`;
}

function standing(chain, { status, block, confirmations }) {
  const said = STATUSES[status] ?? status;
  // A Cellframe node counts from 0 what everybody else counts from 1.
  if (status === "accepted") return typeof confirmations === "number" ? `${STATUSES.accepted} · ${confirmations + 1}` : STATUSES.accepted;
  if (block === null || block === undefined) return said;
  const deep = chain.head.number - block + 1;
  return deep > 0 ? `${said} · ${deep}` : said;
}

function onBlocks(key, chain, { hash, value, token, status }) {
  const waits = status === "pending";
  const again = { replaces: hash, ...(token ? { token: token.symbol, value: token.amount } : { value }) };
  return [
    chain.kind === "evm" && act(hash, "replace", "replace", t("Replace by one with a higher fee"), () => attempt(() => onChain(key, "send", { person_id: person()?.id, ...again })), waits),
    status === "dropped"
      ? act(hash, "resend", "sync", t("Into the pool again"), () => attempt(() => onChain(key, "resend", { hash })))
      : act(hash, "drop", "drop", t("Drop from the pool"), () => attempt(() => onChain(key, "drop", { hash })), waits),
  ];
}

function onCellframe(key, { hash, status }) {
  const stands = status === "accepted";
  return [
    act(hash, "move", "move", t("Move into another atom"), () => attempt(() => onChain(key, "reorg", { hash, kind: "moved" })), stands),
    status === "mempool"
      ? act(hash, "drop", "drop", t("Drop from the mempool"), () => attempt(() => onChain(key, "drop", { hash })))
      : act(hash, "lose", "drop", t("Lose it: the node does not find it any more"), () => attempt(() => onChain(key, "reorg", { hash, kind: "lost" })), stands),
  ];
}

function act(hash, name, sign, label, click, possible = true) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, disabled: !possible, "data-testid": `tx-${hash}-${name}`, on: { click } }, icon(sign));
}

async function track(hash) {
  if (await attempt(() => say(`/track ${hash}`))) showTab("chat");
}
