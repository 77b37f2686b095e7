// The page's language: English is written where it is shown, Russian stands in ru.js under the English words.

import { RU } from "./ru.js";

const KEPT_AS = "tollgate-language";
export const LANGUAGES_OF_PAGE = { en: "English", ru: "Русский" };

export const language = chosen();
export const locale = language === "ru" ? "ru" : "en-GB";

const plurals = new Intl.PluralRules(locale);
const whole = new Intl.NumberFormat(language === "ru" ? "ru" : "en-US");

export const formatNumber = (value) => whole.format(value);

/** What was chosen here before, else what the browser asks for first. */
function chosen() {
  const wanted = kept() ?? navigator.language.slice(0, 2);
  return Object.hasOwn(LANGUAGES_OF_PAGE, wanted) ? wanted : "en";
}

// A browser may forbid a page to keep anything.
function kept() {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
}

/** `{name}` in the words is replaced by `values.name`. */
export function t(words, values = {}) {
  return insert(translated(words), values);
}

/** The words for one and for many; Russian has three forms, in the order of one, few, many. */
export function tn(one, other, n) {
  const forms = translated(other);
  const form = Array.isArray(forms) ? forms[["one", "few", "many"].indexOf(plurals.select(n))] : n === 1 ? one : forms;
  return insert(form, { n });
}

const translated = (words) => (language === "ru" ? (RU[words] ?? words) : words);

const insert = (words, values) => words.replaceAll(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** What stands in the page's own file: labels, and texts marked by `data-t`. */
export function translatePage() {
  document.documentElement.lang = language;
  document.title = t(document.title);
  for (const element of document.querySelectorAll("[aria-label]")) element.setAttribute("aria-label", t(element.getAttribute("aria-label")));
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.textContent);
}

/** The page starts anew, because everything on it is said in one language. */
export function speak(wanted) {
  try {
    localStorage.setItem(KEPT_AS, wanted);
  } catch {
    return;
  }
  location.reload();
}
