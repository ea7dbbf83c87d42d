// The page's words in the language of who reads them. In the sources each stands in English, as a literal, where
// a tool finds it: in t() and tn(), and in elements of the page that have the attribute data-t.

import { get } from "/page/js/link.js";

let table = { language: "en", languages: {}, texts: {}, plurals: {} };

/**
 * Loads the table of a language ("": the station's): its code, what there is to choose from ({code: name}),
 * translations by English text, and by English text of one thing its forms. Without one, English stays.
 */
export async function loadTexts(language) {
  try {
    table = { ...table, ...(await get(`/page/texts.json?language=${encodeURIComponent(language)}`)) };
  } catch {
    // English is what everything is written in.
  }
  document.documentElement.lang = table.language;
  translatePage();
}

/** The languages there are, by their codes. */
export function languages() {
  return table.languages;
}

/** The code of the language that the page speaks; the station is asked for sentences in it. */
export function language() {
  return table.language;
}

/** A text, with {names} replaced by values. */
export function t(text, values = {}) {
  return filled(translated(text), values);
}

/** A text of the table of outcomes, in the reader's language. */
export function translated(text) {
  return table.texts[text] ?? text;
}

/** A text about a number of things: {count}. */
export function tn(one, many, count, values = {}) {
  const forms = table.plurals[one] ?? { one, other: many };
  const form = new Intl.PluralRules(table.language).select(count);
  return filled(forms[form] ?? forms.other, { count, ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? written(values[name]) : whole));
}

function written(value) {
  return typeof value === "number" ? numeral(value) : String(value);
}

/** A number as the reader writes it: 1,000. */
export function numeral(value) {
  return new Intl.NumberFormat(table.language).format(value);
}

/** A time as the clock at the dock shows it: 14:03:22. */
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
