// The page's texts in the reader's language. The sources have them in English, as literals that a tool collects: in
// t() and tn(), and in elements of the page with the attribute data-t.

import { get } from "/page/js/link.js";

let table = { language: "en", languages: {}, texts: {}, plurals: {} };

/**
 * Loads the table of a language ("": the station's): its code, the available languages ({code: name}), translations
 * by English text, and plural forms by English singular. If that fails, the page stays English.
 */
export async function loadTexts(language) {
  try {
    table = { ...table, ...(await get(`/page/texts.json?language=${encodeURIComponent(language)}`)) };
  } catch {
    // The page stays English.
  }
  document.documentElement.lang = table.language;
  translatePage();
}

/** The available languages, by code. */
export function languages() {
  return table.languages;
}

/** The code of the page's language, also for messages from the station. */
export function language() {
  return table.language;
}

/** A text, with {names} replaced by values. */
export function t(text, values = {}) {
  return filled(translated(text), values);
}

/** A text from the table of outcomes, in the reader's language. */
export function translated(text) {
  return table.texts[text] ?? text;
}

/** A text that depends on a number, {count}. */
export function tn(one, many, count, values = {}) {
  const forms = table.plurals[one] ?? { one, other: many };
  const form = new Intl.PluralRules(table.language).select(count);
  return filled(forms[form] ?? forms.other, { count, ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? formatted(values[name]) : whole));
}

function formatted(value) {
  return typeof value === "number" ? numeral(value) : String(value);
}

/** A number in the reader's format: 1,000. */
export function numeral(value) {
  return new Intl.NumberFormat(table.language).format(value);
}

/** A time in the local time zone: 14:03:22. */
export function clockTime(at) {
  const time = at instanceof Date ? at : new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

function translatePage() {
  for (const element of document.querySelectorAll("[data-t]")) {
    const names = element.dataset.t.split(" ").filter(Boolean);
    for (const name of names) {
      element.setAttribute(name, t(element.getAttribute(name)));
    }
    if (names.length === 0) {
      element.textContent = t(element.textContent);
    }
  }
}
