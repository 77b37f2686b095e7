// Words for times, sizes and sums, so that every part of the page says them the same way.

import { formatNumber, locale, t } from "./i18n.js";

const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const longDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" });
const dayWithYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
const DAY_MS = 86_400_000;

export const hhmm = (ms) => clock.format(ms);
export const weekdayAndDate = (ms) => weekday.format(ms);

const startOfDay = (ms) => new Date(ms).setHours(0, 0, 0, 0);

export function dayLabel(ms, nowMs) {
  const days = Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
  if (days === 0) return t("Today");
  if (days === 1) return t("Yesterday");
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? longDay : dayWithYear).format(ms);
}

export function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return t("now");
  if (seconds < 90) return t("{n} s ago", { n: seconds });
  if (seconds < 5400) return t("{n} min ago", { n: Math.round(seconds / 60) });
  if (seconds < 129_600) return t("{n} h ago", { n: Math.round(seconds / 3600) });
  return t("{n} d ago", { n: Math.round(seconds / 86_400) });
}

/** "29:59", or "2 h 05 min" and "3 d 4 h" for what is far away. */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  if (seconds >= 86_400) return t("{d} d {h} h", { d: Math.floor(seconds / 86_400), h: Math.floor((seconds % 86_400) / 3600) });
  if (seconds >= 3600) return t("{h} h {min} min", { h: Math.floor(seconds / 3600), min: pad(Math.floor((seconds % 3600) / 60)) });
  return `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
}

export function offsetLabel(seconds) {
  if (!seconds) return "";
  const days = Math.floor(seconds / 86_400);
  const hours = Math.round((seconds % 86_400) / 3600);
  return `+${[days && t("{n} d", { n: days }), hours && t("{n} h", { n: hours })].filter(Boolean).join(" ") || t("{n} s", { n: seconds })}`;
}

export function bytes(size) {
  if (!(size >= 0)) return "";
  const units = [t("B"), t("KB"), t("MB"), t("GB"), t("TB")];
  let unit = 0;
  let value = size;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function milliseconds(ms) {
  if (!(ms >= 0)) return "";
  if (ms < 1000) return t("{n} ms", { n: ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms) });
  return t("{n} s", { n: (ms / 1000).toFixed(1) });
}

/** A sum as Crypto Pay says it: the amount is a string and stays one. */
export function sum(invoice) {
  const currency = invoice.currency_type === "fiat" ? invoice.fiat : invoice.asset;
  return { amount: String(invoice.amount ?? ""), currency: currency ?? "" };
}

export const sumText = (invoice) => Object.values(sum(invoice)).join(" ").trim();

export const starCount = (amount) => formatNumber(amount ?? 0);

export const words = (name) => name.replaceAll("_", " ");
