// Keys, wherever the focus is: what is typed goes to the line, so that a scanner that types is never lost.

/** What a scanner that types sends for the group separator: Ctrl and this key. */
const CONTROLS = { "]": "\u001d" };

/**
 * Watch the keyboard. `line()`: the field that takes what is typed now. `clear()` is called before something is
 * typed there that was meant for no field. `keys`: what to do at which key ({F2: …, Escape: …}); its function
 * returns false when the key is to do what it does anyway.
 */
export function watchKeys(line, clear, keys) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) {
      return;
    }
    if (keys[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (event.repeat || keys[event.key]() !== false) {
        event.preventDefault();
      }
      return;
    }
    const character = typed(event);
    if (character && !isTypedAnyway(event, line().input, character)) {
      event.preventDefault();
      clear();
      line().type(character);
    } else if (event.key === "Enter" && (event.target === line().input || isLoose(event.target))) {
      event.preventDefault();
      line().enter();
    }
  });
}

/** The character that a key types; nothing for all other keys. */
function typed(event) {
  const isAltGraph = event.getModifierState("AltGraph");
  if (event.ctrlKey && !event.altKey) {
    return CONTROLS[event.key] ?? "";
  }
  const isPlain = isAltGraph || !(event.ctrlKey || event.altKey || event.metaKey);
  return isPlain && [...event.key].length === 1 ? event.key : "";
}

/** Whether the browser types it there; or it is the blank that presses a button. */
function isTypedAnyway(event, input, character) {
  return event.target === input ? character >= " " : character === " " && !isLoose(event.target);
}

/** Whether nothing has the focus that Enter and the blank would press. */
function isLoose(target) {
  return target.closest("button, input, select, a, summary") === null;
}
