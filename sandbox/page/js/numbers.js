// A few numbers out of the service's metrics, each with its last minute as a line.

import { fill, h } from "./dom.js";
import { bytes, milliseconds } from "./format.js";
import { formatNumber, t } from "./i18n.js";
import { sparkline } from "./icons.js";
import { on, store } from "./store.js";

const KEPT = 60;

/** Each reads the samples, by name and labels as Prometheus writes them, and says null when they are not there. */
const NUMBERS = [
  { name: "outbox", label: t("in the outbox"), read: one("tollgate_outbox_depth"), say: plain },
  { name: "oldest", label: t("oldest waits"), read: one("tollgate_outbox_age_seconds"), say: seconds },
  { name: "updates", label: t("updates"), read: all("tollgate_updates_total"), say: plain },
  { name: "answer", label: t("mean answer"), read: mean("tollgate_webhook_seconds"), say: seconds },
  { name: "floods", label: t("429 answers"), read: one("tollgate_telegram_429_total"), say: plain },
  { name: "pool", label: t("connections"), read: one("tollgate_pool_in_use"), of: one("tollgate_pool_size"), say: plain },
  { name: "lag", label: t("loop lag"), read: one("tollgate_loop_lag_seconds"), say: seconds },
  { name: "memory", label: t("memory"), read: one("tollgate_memory_bytes"), say: bytes },
];

const history = new Map();
const tiles = h("div", { class: "tiles" });
const card = h("section", { class: "card numbers", "aria-label": t("Numbers"), "data-testid": "numbers" }, tiles);

let last = {};

function one(name) {
  return (samples) => samples[name] ?? null;
}

function all(name) {
  return (samples) => {
    const found = Object.keys(samples).filter((key) => key === name || key.startsWith(`${name}{`));
    return found.length === 0 ? null : found.reduce((total, key) => total + samples[key], 0);
  };
}

function mean(name) {
  return (samples) => {
    const count = all(`${name}_count`)(samples);
    return count ? all(`${name}_sum`)(samples) / count : null;
  };
}

function plain(value) {
  return Number.isInteger(value) ? formatNumber(value) : String(Math.round(value * 100) / 100);
}

function seconds(value) {
  return milliseconds(value * 1000);
}

export function mountNumbers() {
  on("reset", draw);
  on("service", () => {
    remember();
    draw();
  });
  draw();
  return card;
}

function samples() {
  const fresh = store.service?.metrics ?? {};
  if (Object.keys(fresh).length > 0) last = fresh;
  return last;
}

function remember() {
  for (const { name, read } of NUMBERS) {
    const value = read(samples());
    if (value !== null) history.set(name, [...(history.get(name) ?? []), value].slice(-KEPT));
  }
}

function draw() {
  card.hidden = Object.keys(samples()).length === 0;
  card.classList.toggle("stale", !store.service?.up);
  fill(tiles, NUMBERS.map(tile));
}

function tile({ name, label, read, of, say }) {
  const value = read(samples());
  const most = of?.(samples());
  return h(
    "div",
    { class: "tile", title: label, "data-testid": `number-${name}` },
    h("strong", {}, value === null ? "–" : say(value), most > 0 && h("small", { text: ` / ${most}` })),
    h("span", { text: label }),
    sparkline(history.get(name) ?? []),
  );
}
