// The world's clock and the leaps it can take; a leap restarts the service, so the page says when it is back.

import { skip } from "./api.js";
import { demoButton } from "./demo.js";
import { $, animate, fill, h, prefersStill } from "./dom.js";
import { offsetLabel, weekdayAndDate } from "./format.js";
import { t } from "./i18n.js";
import { icon } from "./icons.js";
import { on, store, worldNow } from "./store.js";
import { toast } from "./toasts.js";

const LEAPS = [
  [3600, t("1 hour")],
  [86_400, t("1 day")],
  [259_200, t("3 days")],
];
const RETURN_MS = 90_000;
const SETTLE_MS = 2500;
const SPIN_MS = 1100;

const time = h("time", { class: "clock-time", "data-testid": "world-clock" });
const date = h("span", { class: "clock-date" });
const offset = h("span", { class: "clock-offset" });
const state = h("p", { class: "clock-hint", role: "status", "data-testid": "clock-state" });
const buttons = LEAPS.map(([seconds, text]) =>
  h("button", { type: "button", class: "leap", "data-testid": `skip-${seconds}`, "aria-label": t("Move the clock by {time}", { time: text }), on: { click: () => leap(seconds) } }, icon("skip"), text),
);

const HINT = t("Invoices and plans run out; the service starts again at the new time.");

let moving = null;
let shownMs = null;
let spin = null;

export function mountClock() {
  fill(
    $("clock"),
    h("header", { class: "card-head" }, h("h2", { id: "clock-title", text: t("The world’s clock") }), offset),
    h("div", { class: "clock-row" }, h("div", { class: "clock-face" }, time, date), h("div", { class: "leaps" }, buttons)),
    state,
    demoButton(),
  );
  on("reset", show);
  on("clock", jump);
  on("service", noticeService);
  setInterval(show, 500);
  show();
}

const twoDigits = (number) => String(number).padStart(2, "0");

function write(ms) {
  const at = new Date(ms);
  time.textContent = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
  time.dateTime = at.toISOString();
  date.textContent = weekdayAndDate(ms);
}

function show() {
  if (!spin) write((shownMs = worldNow()));
  offset.textContent = offsetLabel(store.offsetSeconds);
  offset.hidden = !store.offsetSeconds;
  state.textContent = moving ? t("Moving the clock… the service starts again") : HINT;
  $("clock").classList.toggle("moving", Boolean(moving));
  for (const button of buttons) button.disabled = Boolean(moving);
}

/** The hands run to the new time rather than being there at once. */
function jump() {
  const from = shownMs ?? worldNow();
  if (prefersStill() || Math.abs(worldNow() - from) < 60_000) return show();
  const began = performance.now();
  cancelAnimationFrame(spin);
  const step = (at) => {
    const part = Math.min(1, (at - began) / SPIN_MS);
    const eased = 1 - (1 - part) ** 3;
    write((shownMs = from + (worldNow() - from) * eased));
    spin = part < 1 ? requestAnimationFrame(step) : null;
  };
  spin = requestAnimationFrame(step);
  animate(time, [{ transform: "scale(1)" }, { transform: "scale(1.06)" }, { transform: "scale(1)" }], { duration: SPIN_MS });
  return show();
}

async function leap(seconds) {
  moving = { seenDown: false, returnedAt: null };
  const mine = moving;
  show();
  const giveUp = setTimeout(() => moving === mine && stop(t("The service is not back yet; its state is on the strip.")), RETURN_MS);
  mine.giveUp = giveUp;
  try {
    await skip(seconds);
    mine.returnedAt = performance.now();
  } catch (error) {
    stop(error.message);
  }
}

function noticeService() {
  if (!moving) return;
  if (!store.service?.up) return void (moving.seenDown = true);
  const { returnedAt, seenDown } = moving;
  if (returnedAt === null) return;
  if (seenDown || performance.now() - returnedAt > SETTLE_MS) stop(null);
}

function stop(trouble) {
  clearTimeout(moving?.giveUp);
  moving = null;
  show();
  if (trouble) toast(trouble, { trouble: true });
  else toast(t("The service is back."));
}
