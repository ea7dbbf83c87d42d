// Text from labels, made safe to show; the same as i18n/messages.py does for terminals.

const OBEYED = /[\p{C}\p{Z}]/gu;

/** More of a cell is never seen; a label may hold thousands. */
const CELL_CHARACTERS = 200;

/** The text with every character that doesn't print as itself written out: \uXXXX. */
export function escaped(text) {
  return text.replace(OBEYED, (character) => (character === " " ? character : written(character)));
}

function written(character) {
  return `\\u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The beginning of a text, as a cell of a list shows it; nothing for no text. */
export function cell(text) {
  if (!text) {
    return "";
  }
  return escaped(text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS)}…` : text);
}
