// A face for everybody: the first letter on one of the colours Telegram gives to people.

import { h } from "./dom.js";

const COLOURS = 7;

export function avatar({ id, first_name: name }) {
  const letter = [...(name || "?")][0].toUpperCase();
  return h("span", { class: `avatar avatar-${Math.abs(Number(id) || 0) % COLOURS}`, "aria-hidden": "true", text: letter });
}
