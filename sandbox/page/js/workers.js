// The strip's workers: who is at work, when each ended its last round, and how.

import { fill, h } from "./dom.js";
import { ago, milliseconds, words } from "./format.js";
import { lastHealth } from "./health.js";
import { t, tn } from "./i18n.js";
import { on, store, worldNow } from "./store.js";

const BAD = /fail|error|crash|time.?out|stale|dead/i;
const IDLE = /stopp|standby|off|disabled|never|cancel/i;

const list = h("ul", { class: "workers" });
const card = h(
  "section",
  { class: "card", "aria-labelledby": "workers-title", "data-testid": "workers" },
  h("header", { class: "card-head" }, h("h2", { id: "workers-title", text: t("Workers") })),
  list,
);

export function mountWorkers() {
  for (const topic of ["reset", "service"]) on(topic, draw);
  draw();
  return card;
}

function all() {
  const workers = lastHealth()?.workers ?? {};
  if (Array.isArray(workers)) return workers.map((worker) => [worker.name ?? "worker", worker]);
  return Object.entries(workers).map(([name, worker]) => [name, typeof worker === "object" && worker ? worker : { state: worker }]);
}

function draw() {
  const workers = all();
  card.hidden = workers.length === 0;
  card.classList.toggle("stale", !store.service?.up);
  fill(list, workers.map(row));
}

function row([name, worker]) {
  const { state, outcome } = worker;
  const ended = Date.parse(worker.last_end_at ?? worker.last_ended_at ?? "");
  const when = Number.isNaN(ended) ? t("not yet") : ago(worldNow() - ended);
  const failures = worker.consecutive_failures ? tn("{n} failure in a row", "{n} failures in a row", worker.consecutive_failures) : null;
  const took = milliseconds(worker.duration_ms ?? (worker.duration_seconds ?? NaN) * 1000);
  const told = [words(name), state, outcome, failures, took, worker.error].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: "worker", tabindex: "0", "aria-label": `${told}, ${when}`, "data-tip": told, "data-testid": `worker-${name}` },
    h("i", { class: `dot ${toneOf(state, outcome)}${/running|busy/i.test(state ?? "") ? " beating" : ""}` }),
    h("span", { text: words(name) }),
    h("small", { text: when.replace(t(" ago"), "") }),
  );
}

function toneOf(state, outcome) {
  if (BAD.test(outcome ?? "") || BAD.test(state ?? "")) return "bad";
  if (IDLE.test(state ?? "") || IDLE.test(outcome ?? "")) return "off";
  return "ok";
}
