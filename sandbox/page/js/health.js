// The strip's first card: is the service up, which role it has, and how it sees its neighbours.

import { fill, h } from "./dom.js";
import { milliseconds, words } from "./format.js";
import { t } from "./i18n.js";
import { on, store } from "./store.js";

const GOOD = new Set(["ok", "up", "active", "healthy", "pass"]);
const FAIR = new Set(["degraded", "slow", "warn", "standby", "starting", "draining", "unknown"]);
const OFF = new Set(["off", "disabled", "skipped", "not_configured"]);

export function tone(status) {
  const word = String(status ?? "unknown").toLowerCase();
  if (GOOD.has(word)) return "ok";
  if (FAIR.has(word)) return "warn";
  return OFF.has(word) ? "off" : "bad";
}

let last = null;

/** What the service said of itself, or said last: while it is away the page shows that faded. */
export function lastHealth() {
  last = store.service?.health ?? last;
  return last;
}

const card = h("section", { class: "card health", "aria-labelledby": "health-title", "data-testid": "health" });

export function mountHealth() {
  for (const topic of ["reset", "service", "connection"]) on(topic, draw);
  draw();
  return card;
}

function draw() {
  const health = lastHealth();
  card.classList.toggle("stale", !store.service?.up);
  const version = health?.version;
  fill(
    card,
    h(
      "header",
      { class: "card-head" },
      h("h2", { id: "health-title", text: t("The service") }),
      version && h("small", { class: "version", text: `v${version}` }),
      pill(headline(health)),
    ),
    checks(health?.checks),
    store.service?.url && operatorsWeb(store.service.url),
  );
}

/** Strangers read there how operators get in: by a button of /admin in their chat. */
const operatorsWeb = (url) =>
  h("a", { class: "out", href: `${url}/admin`, target: "_blank", rel: "noopener", "data-testid": "admin-web", text: t("Operators’ web ↗") });

function headline(health) {
  if (!store.service) return [t("starting"), "warn"];
  if (!store.service.up) return [t("down"), "bad"];
  const role = health?.role;
  if (role && role !== "active") return [role, "warn"];
  return [health?.status ?? "up", tone(health?.status ?? "up")];
}

const pill = ([text, kind]) => h("span", { class: `pill ${kind}`, "data-testid": "service-state", text });

function checks(all) {
  const entries = Object.entries(all ?? {});
  if (entries.length === 0) return h("p", { class: "empty", text: t("Waiting for its health…") });
  return h("ul", { class: "checks" }, entries.map(check));
}

function check([name, value]) {
  const result = typeof value === "object" && value ? value : { status: value };
  const told = [words(name), result.status, milliseconds(result.latency_ms), result.error].filter(Boolean).join(" · ");
  return h(
    "li",
    { class: "check", "data-testid": `check-${name}`, tabindex: "0", "aria-label": told, "data-tip": told },
    h("i", { class: `dot ${tone(result.status)}` }),
    h("span", { text: words(name) }),
    h("small", { text: milliseconds(result.latency_ms) }),
  );
}
