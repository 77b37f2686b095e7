// One chain: how far it is, what is final, how its nodes are, and everything one can do to it.

import { onChain, turnChain } from "./api.js";
import { endpointRows, nodeRows } from "./chain_nodes.js";
import { sendForm } from "./chain_send.js";
import { transactionRow } from "./chain_transactions.js";
import { animate, h } from "./dom.js";
import { formatNumber, t, tn } from "./i18n.js";
import { icon } from "./icons.js";
import { morph } from "./morph.js";
import { store } from "./store.js";
import { attempt } from "./toasts.js";

const KINDS = { same_height: t("mined again"), pool: t("back to the pool"), dropped: t("dropped"), replaced: t("replaced") };
const DEPTHS = [1, 3, 6];
const AUTO_SECONDS = { eth: 4, bsc: 2, tron: 3, cf: 4 };

/** Those whose blocks the page shows: all but Cellframe. */
const hasBlocks = ({ kind }) => kind !== "cellframe";

/** The card's element, and `update()` for when the chain has changed; its controls stay the same elements. */
export function chainCard(key) {
  const view = () => store.chains.get(key);
  const isFollowed = hasBlocks(view());
  const head = headline(key, view);
  const finality = h("div", { class: "finality", "data-testid": `chain-${key}-final` });
  const nodes = isFollowed ? endpointRows(key, view) : nodeRows(key, view);
  const switches = h("div", { class: "chain-row" });
  const list = h("div", { class: "transactions", role: "list", "aria-label": t("Newest transactions"), "data-testid": `chain-${key}-transactions` });
  const element = h(
    "section",
    { class: "card chain", "aria-label": view().title, "data-testid": `chain-${key}` },
    head.element,
    isFollowed && finality,
    nodes.element,
    h("div", { class: "chain-row" }, mineButton(key, 1), mineButton(key, 10), switches, isFollowed && reorgForm(key, view())),
    sendForm(key, view),
    list,
  );
  const update = () => {
    head.update();
    nodes.update();
    if (isFollowed) morph(finality, finalityBar(view()));
    morph(switches, [autoSwitch(key, view()), isFollowed && finalitySwitch(key, view())].filter(Boolean));
    morph(list, listed(key, view()));
  };
  return { element, update };
}

function headline(key, view) {
  const height = h("strong", { class: "chain-head", "data-testid": `chain-${key}-head` });
  const notes = h("span", { class: "chain-notes" });
  const element = h(
    "header",
    { class: "chain-top" },
    h("i", { class: `coin coin-${view().coin.toLowerCase()}`, "aria-hidden": "true", text: view().coin[0] }),
    h("h2", { text: view().title }),
    notes,
    h("span", { class: "chain-block", title: t("The newest block") }, icon("chain"), height),
  );
  const update = () => {
    const chain = view();
    const text = formatNumber(chain.head?.number ?? chain.tip);
    if (height.textContent && height.textContent !== text) animate(height, [{ transform: "translateY(-5px)", opacity: 0.3 }, { transform: "none", opacity: 1 }], { duration: 240, easing: "ease-out" });
    height.textContent = text;
    morph(notes, notesOf(chain));
  };
  return { element, update };
}

function notesOf(chain) {
  if (!hasBlocks(chain)) return [note(t("in mempool"), chain.transactions.filter((one) => one.status === "mempool").length)];
  if (chain.kind === "tron") return [note(t("in pool"), chain.pending)];
  return [note(t("in pool"), chain.pending), note("gwei", Number(chain.base_fee_gwei.toPrecision(3)), t("The base fee of the next block"))];
}

const note = (text, value, title = null) => h("span", { title }, h("b", { text: value }), ` ${text}`);

/** From left to right the newest blocks: final ones, safe ones, and those that may still be undone. */
function finalityBar(chain) {
  const { head: { number }, safe, final } = chain;
  const unsafe = Math.max(0, number - safe);
  const open = Math.max(0, number - final);
  const shown = Math.max(1, open * 1.25);
  const share = (blocks) => `${((blocks / shown) * 100).toFixed(1)}%`;
  const stalled = chain.finality === "stalled";
  return [
    h(
      "div",
      { class: stalled ? "finality-bar stalled" : "finality-bar", "aria-hidden": "true" },
      h("i", { class: "final", style: { width: share(shown - open) } }),
      h("i", { class: "safe", style: { width: share(open - unsafe) } }),
      h("i", { class: "new", style: { width: share(unsafe) } }),
    ),
    h("small", {}, h("span", { class: "final", text: t("final −{n}", { n: open }) }), chain.kind === "evm" && h("span", { class: "safe", text: t("safe −{n}", { n: unsafe }) }), h("span", { text: stalled ? t("finality stalls") : t("head") })),
  ];
}

function mineButton(key, blocks) {
  const testid = blocks === 1 ? `chain-${key}-mine` : `chain-${key}-mine${blocks}`;
  const label = tn("Mine a block", "Mine {n} blocks", blocks);
  return h("button", { type: "button", class: "small-button", title: label, "data-testid": testid, text: t("Mine {n}", { n: blocks }), on: { click: () => attempt(() => onChain(key, "mine", { blocks })) } });
}

function toggle(testid, text, title, pressed, click) {
  return h("button", { type: "button", class: pressed ? "small-button on" : "small-button", title, "aria-pressed": String(pressed), "data-testid": testid, text, on: { click } });
}

function autoSwitch(key, chain) {
  const runs = chain.auto_seconds > 0;
  if (runs) AUTO_SECONDS[key] = chain.auto_seconds;
  const click = () => attempt(() => turnChain(key, { auto_seconds: runs ? 0 : (AUTO_SECONDS[key] ?? 3) }));
  return toggle(`chain-${key}-auto`, runs ? t("Auto {n} s", { n: chain.auto_seconds }) : t("Auto"), t("Blocks come by themselves"), runs, click);
}

function finalitySwitch(key, chain) {
  const stalled = chain.finality === "stalled";
  const click = () => attempt(() => turnChain(key, { finality: stalled ? "ok" : "stalled" }));
  return toggle(`chain-${key}-finality`, t("Stall finality"), t("Nothing new becomes safe or final"), stalled, click);
}

function reorgForm(key, chain) {
  const depth = select(`chain-${key}-reorg-depth`, t("How many blocks are undone"), DEPTHS.map((blocks) => [String(blocks), t("{n} deep", { n: blocks })]));
  const kind = select(`chain-${key}-reorg-kind`, t("What becomes of their transactions"), Object.entries(KINDS).filter(([name]) => chain.kind === "evm" || name !== "replaced"));
  const click = () => attempt(() => onChain(key, "reorg", { depth: Number(depth.value), kind: kind.value }));
  return h("div", { class: "chain-group" }, depth, kind, h("button", { type: "button", class: "small-button", title: t("The newest blocks get other hashes"), "data-testid": `chain-${key}-reorg`, text: t("Reorg"), on: { click } }));
}

const select = (testid, label, options) =>
  h("select", { "aria-label": label, title: label, "data-testid": testid }, options.map(([value, text]) => h("option", { value, text })));

function listed(key, chain) {
  if (chain.transactions.length === 0) return [h("p", { class: "empty", text: t("No transaction yet. Send one.") })];
  return chain.transactions.map((transaction) => transactionRow(key, chain, transaction));
}
