// The switch of the page's own language, which is not that of anybody's Telegram.

import { $, fill, h } from "./dom.js";
import { language, LANGUAGES_OF_PAGE, speak } from "./i18n.js";

export function mountLanguage() {
  fill($("language"), Object.entries(LANGUAGES_OF_PAGE).map(([code, name]) => segment(code, name)));
}

function segment(code, name) {
  return h("button", {
    type: "button",
    class: "segment",
    lang: code,
    title: name,
    "aria-label": name,
    "aria-pressed": String(code === language),
    "data-testid": `language-${code}`,
    text: code.toUpperCase(),
    on: { click: () => speak(code) },
  });
}
