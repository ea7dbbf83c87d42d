// Details of units: quantity, reason and condition; and signing off. They open over everything else.

import { button, byId, el, icon, setText } from "/page/js/dom.js";
import { cell } from "/page/js/escape.js";
import { t } from "/page/js/texts.js";

/** Digits of the largest quantity, 10,000. */
const MOST_DIGITS = 5;

export class Details {
  #shown = "";

  /** `give(command)` sends. */
  constructor(dialog, give) {
    this.dialog = dialog;
    this.send = give;
    this.parts = el("div.parts");
    this.signOff = button("", { id: "signoff" }, () => this.#give("signoff"), icon("signoff"), el("span"));
    const close = button(".quiet", { id: "details-close" }, () => dialog.close(), icon("close"),
      el("span", {}, t("Done")));
    dialog.append(
      el("header", {}, el("h2", { id: "details-title" }, t("Details of the unit")), close),
      el("p", {}, t("They hold for the unit scanned last, or for the next one.")),
      this.parts,
      this.signOff,
    );
  }

  /** Show what can be chosen now; a question is answered first. */
  show({ state, isStale }) {
    if (isStale || state.question !== null) {
      this.dialog.close();
      return;
    }
    const { reasons, conditions, commands, operator } = state;
    // Rebuilt only if it differs: a quantity may be half entered.
    const key = JSON.stringify([reasons, conditions, commands]);
    if (key !== this.#shown) {
      this.#shown = key;
      this.parts.replaceChildren(
        ...(commands.includes("qty") ? this.#keypad() : []),
        ...this.#codes("reason", t("Reason"), reasons),
        ...this.#codes("condition", t("Condition"), conditions),
      );
    }
    this.signOff.hidden = operator === null;
    setText(this.signOff.lastChild, operator === null ? "" : t("Sign off {name}", { name: cell(operator.name) }));
  }

  /** Keys to touch, not a field: whatever is typed is a label. */
  #keypad() {
    const shown = el("output");
    const type = (digit) => setText(shown, `${Number(`${shown.textContent}${digit}`) || ""}`.slice(0, MOST_DIGITS));
    const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0].map((digit) => button("", {}, () => type(digit), String(digit)));
    const erase = button("", { "aria-label": t("Erase") }, () => setText(shown, ""), icon("cross"));
    const set = button("", {}, () => shown.textContent && this.#give(`qty ${shown.textContent}`), t("Set"));
    return [el("h3", {}, t("Quantity"), " ", shown), el("div.keypad", {}, ...digits, erase, set)];
  }

  #codes(command, title, codes) {
    if (codes.length === 0) {
      return [];
    }
    const buttons = codes.map(({ code, text }) =>
      button("", {}, () => this.#give(`${command} ${code}`), el("b", {}, cell(code)), el("span", {}, cell(text))));
    return [el("h3", {}, title), el("div.codes", { "data-command": command }, ...buttons)];
  }

  #give(command) {
    this.dialog.close();
    this.send(command);
  }

  /** Show the panel. */
  open() {
    if (!this.dialog.open) {
      this.dialog.showModal();
      byId("details-close").focus();
    }
  }
}
