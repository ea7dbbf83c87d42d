// Settings of this browser: volume and language; also explains the sounds.

import { button, byId, el, icon, setText } from "/page/js/dom.js";
import { languages, language, t } from "/page/js/texts.js";

const VOLUME = "scanstation.volume";
const LANGUAGE = "scanstation.language";
const STEPS = 10;

/** The volume, 0 to 1. */
export function storedVolume() {
  const stored = Number.parseFloat(localStorage.getItem(VOLUME) ?? "1");
  return Number.isFinite(stored) ? Math.max(0, Math.min(1, stored)) : 1;
}

/** The language in the page's address (?language=de), otherwise the one chosen here; "": the station's. */
export function chosenLanguage() {
  return new URLSearchParams(location.search).get("language") ?? localStorage.getItem(LANGUAGE) ?? "";
}

/** The settings panel. */
export class Settings {
  constructor(dialog, sounds) {
    this.dialog = dialog;
    this.sounds = sounds;
    this.level = el("output");
    const close = button(".quiet", { id: "settings-close" }, () => dialog.close(), icon("close"),
      el("span", {}, t("Done")));
    dialog.append(
      el("header", {}, el("h2", { id: "settings-title" }, t("Display settings")), close),
      el("h3", {}, t("Volume")),
      this.#volume(),
      el("h3", {}, t("What the sounds mean")),
      this.#tones(),
      ...this.#languages(),
    );
    this.#showLevel();
  }

  #volume() {
    const step = (by, sign, word) => button("", { "aria-label": word }, () => this.#change(by), sign);
    return el("div.volume", {}, step(-1, "−", t("Quieter")), this.level, step(1, "+", t("Louder")));
  }

  #change(by) {
    const level = Math.max(0, Math.min(STEPS, Math.round(this.sounds.volume * STEPS) + by));
    this.sounds.setVolume(level / STEPS);
    localStorage.setItem(VOLUME, String(level / STEPS));
    this.#showLevel();
    this.sounds.play("good");
  }

  #showLevel() {
    const level = Math.round(this.sounds.volume * STEPS);
    setText(this.level, level === 0 ? t("Off") : t("{level} of {most}", { level, most: STEPS }));
  }

  #tones() {
    const meanings = [
      ["good", t("Good"), t("the serial number is booked")],
      ["attention", t("Attention"), t("booked as negative, skipped or detached: look")],
      ["refused", t("Refused"), t("nothing was booked")],
      ["question", t("Question"), t("the station waits for an answer")],
      ["unanswered", t("Answer first"), t("nothing was booked, and the question is still open")],
      ["held", t("Held"), t("the database is unavailable: scans wait")],
    ];
    const buttons = meanings.map(([tone, word, meaning]) =>
      button(`.${tone}`, { "data-tone": tone }, () => this.sounds.play(tone), icon("sound"), el("b", {}, word),
        el("span", {}, meaning)));
    return el("div.tones", {}, ...buttons);
  }

  #languages() {
    const known = Object.entries(languages());
    if (known.length < 2) {
      return [];
    }
    const choose = (code) => {
      localStorage.setItem(LANGUAGE, code);
      // Drop the language in the address.
      location.assign("/");
    };
    const buttons = known.map(([code, name]) =>
      button("", { lang: code, "aria-pressed": String(code === language()) }, () => choose(code), name));
    return [el("h3", {}, t("Language")), el("div.languages", {}, ...buttons)];
  }

  /** Show the panel. */
  open() {
    if (!this.dialog.open) {
      this.dialog.showModal();
      byId("settings-close").focus();
    }
  }
}
