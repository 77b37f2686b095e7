// Words for times, sizes and sums, so that every part of the page says them the same way.

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const longDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const dayWithYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const DAY_MS = 86_400_000;

export const hhmm = (ms) => clock.format(ms);
export const weekdayAndDate = (ms) => weekday.format(ms);

const startOfDay = (ms) => new Date(ms).setHours(0, 0, 0, 0);

export function dayLabel(ms, nowMs) {
  const days = Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? longDay : dayWithYear).format(ms);
}

export function ago(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return "now";
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

/** "29:59", or "2 h 05 min" and "3 d 4 h" for what is far away. */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (number) => String(number).padStart(2, "0");
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${pad(Math.floor(seconds / 60))}:${pad(seconds % 60)}`;
}

export function offsetLabel(seconds) {
  if (!seconds) return "";
  const days = Math.floor(seconds / 86_400);
  const hours = Math.round((seconds % 86_400) / 3600);
  return `+${[days ? `${days} d` : "", hours ? `${hours} h` : ""].filter(Boolean).join(" ") || `${seconds} s`}`;
}

export function bytes(size) {
  if (!(size >= 0)) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
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
  if (ms < 1000) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A sum as Crypto Pay says it: the amount is a string and stays one. */
export function sum(invoice) {
  const currency = invoice.currency_type === "fiat" ? invoice.fiat : invoice.asset;
  return { amount: String(invoice.amount ?? ""), currency: currency ?? "" };
}

export const sumText = (invoice) => Object.values(sum(invoice)).join(" ").trim();

const whole = new Intl.NumberFormat("en-US");

export const starCount = (amount) => whole.format(amount ?? 0);

export const words = (name) => name.replaceAll("_", " ");
