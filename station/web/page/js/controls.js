// The controls: buttons for methods and actions, and the label of the line for serial numbers.

import { fit } from "/page/js/banner.js";
import { button, byId, el, icon, setText } from "/page/js/dom.js";
import { escaped } from "/page/js/escape.js";
import { t } from "/page/js/texts.js";

/** How long a button that books or clears waits for its second touch. */
const ARMED_MS = 5000;
/** A second touch within this time is a bounce, as with gloves. */
const BOUNCE_MS = 350;

/** The buttons for the meaning of the next scan; they call `give(command)`. */
export function makeMethods(give) {
  const methods = [
    ["", "cancel", "serial", t("Serial #"), ""],
    ["range", "range", "range", t("Range"), "F5"],
    ["mfg", "mfg", "mfr", t("Mfr #"), "F6"],
    ["detach", "detach", "detach", t("Detach"), "F3"],
    ["generate", "generate", "generate", t("Generate"), ""],
    ["new", "new", "new", t("New"), ""],
  ];
  for (const [mode, command, sign, word, key] of methods) {
    const press = () => give(isPressed(mode) ? "cancel" : command);
    const attributes = { "data-mode": mode, "aria-pressed": "false", "aria-keyshortcuts": key || undefined };
    byId("methods").append(button("", attributes, press, icon(sign), face(word)));
  }
}

/** The word on a button, which is sized by its length. */
function face(word) {
  const span = el("span", {}, word);
  fit(span, word);
  return span;
}

function isPressed(mode) {
  return mode !== "" && byId("methods").querySelector(`[data-mode="${mode}"]`).ariaPressed === "true";
}

/** Show the current method, on the buttons and as the label of the line. */
export function showMode({ state, isStale }) {
  const mode = state?.mode ?? "";
  const method = mode.startsWith("range") ? "range" : mode;
  for (const each of byId("methods").children) {
    each.ariaPressed = String(each.dataset.mode === method);
    each.disabled = isStale;
  }
  // Generating needs a document, and making one needs that none is open: they share a place.
  const isNew = state?.document === null && state.commands.includes("new");
  byId("methods").querySelector('[data-mode="new"]').hidden = !isNew;
  byId("methods").querySelector('[data-mode="generate"]').hidden = isNew;
  byId("apply").disabled = isStale;
  document.body.classList.toggle("special", mode !== "");
  setText(byId("entry-label"), lineLabel(mode, state?.range_first ?? ""));
}

function lineLabel(mode, first) {
  const labels = {
    detach: t("Detach: serial #"),
    mfg: t("Mfr serial #"),
    range_first: t("Range: first serial #"),
    range_last: t("Range: last serial # (from {first})", { first: escaped(first) }),
    generate: t("Generate: item or GTIN"),
    new: t("New document: a unit"),
  };
  return labels[mode] ?? t("Serial # / command");
}

/** The buttons at the bottom; `toggle(name)` shows or hides a panel, `give(command)` sends, others open a dialog. */
export function makeActions({ give, toggle, details, settings }) {
  const panel = (name, sign, word, key) =>
    button("", { "data-panel": name, "aria-expanded": "false", "aria-controls": name, "aria-keyshortcuts": key },
      () => toggle(name), icon(sign), face(word));
  const undo = button("", { id: "undo", "aria-keyshortcuts": "F4" }, () => give("undo"), icon("undo"),
    face(t("Undo")));
  const save = new Twice("save", "F8", t("Save"), t("Touch again to save"), () => give("save"));
  const close = new Twice("close", "F9", t("Close"), t("Touch again to close"), () => give("close"));
  byId("actions").append(
    panel("history", "history", t("History"), "F2"),
    panel("reading", "label", t("Label"), "F7"),
    undo,
    button("", { id: "details-open" }, details, icon("details"), face(t("Details"))),
    button("", { id: "settings-open" }, settings, icon("settings"), face(t("Settings"))),
    save.button,
    close.button,
  );
  return { save, close };
}

/** Enable or disable the buttons; `actions` is what `makeActions` returned. */
export function showActions({ state, isStale }, actions) {
  const isIdle = isStale || state.document === null;
  byId("undo").disabled = isIdle;
  byId("details-open").disabled = isStale;
  actions.save.disable(isIdle);
  actions.close.disable(isIdle);
}

/** A button for an action that can't be undone: it must be touched twice. */
class Twice {
  #armedAt = 0;
  #timer = 0;

  constructor(id, key, word, again, act) {
    this.words = [word, again];
    this.act = act;
    this.face = face(word);
    this.button = button("", { id, "aria-keyshortcuts": key }, () => this.press(), icon(id), this.face);
  }

  /** The first press asks for a second one. */
  press() {
    const since = Date.now() - this.#armedAt;
    if (this.button.disabled || since < BOUNCE_MS) {
      return;
    }
    if (since < ARMED_MS) {
      this.#arm(false);
      this.act();
    } else {
      this.#arm(true);
    }
  }

  /** Enable or disable the button. */
  disable(isDisabled) {
    this.button.disabled = isDisabled;
    if (isDisabled) {
      this.#arm(false);
    }
  }

  #arm(isArmed) {
    clearTimeout(this.#timer);
    this.#armedAt = isArmed ? Date.now() : 0;
    this.button.classList.toggle("armed", isArmed);
    setText(this.face, this.words[isArmed ? 1 : 0]);
    if (isArmed) {
      this.#timer = setTimeout(() => this.#arm(false), ARMED_MS);
    }
  }
}
