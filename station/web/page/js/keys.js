// Keys, wherever the focus is: typed text goes to the line, so that no scan of a keyboard scanner is lost.

/** A keyboard scanner sends the group separator as Ctrl and this key. */
const CONTROLS = { "]": "\u001d" };

/**
 * Watch the keyboard. `line()` is the field that receives typed text now. `clear()` is called before text goes there
 * that was typed outside of any field. `keys` has a function for each special key ({F2: …, Escape: …}); it returns
 * false to keep the browser's own action.
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

/** The character that a key types; empty for other keys. */
function typed(event) {
  const isAltGraph = event.getModifierState("AltGraph");
  if (event.ctrlKey && !event.altKey) {
    return CONTROLS[event.key] ?? "";
  }
  const isPlain = isAltGraph || !(event.ctrlKey || event.altKey || event.metaKey);
  return isPlain && [...event.key].length === 1 ? event.key : "";
}

/** Whether the browser types it there anyway, or it is the space that presses a button. */
function isTypedAnyway(event, input, character) {
  return event.target === input ? character >= " " : character === " " && !isLoose(event.target);
}

/** Whether the focus is on nothing that Enter or space would press. */
function isLoose(target) {
  return target.closest("button, input, select, a, summary") === null;
}
