// Escapes text from labels for display; i18n/messages.py does the same for terminals.

const UNPRINTABLE = /[\p{C}\p{Z}]/gu;

/** More of a cell is never visible; a label may have thousands. */
const CELL_CHARACTERS = 200;

/** The text with every character that doesn't print as itself escaped: \uXXXX. */
export function escaped(text) {
  return text.replace(UNPRINTABLE, (character) => (character === " " ? character : escapeOf(character)));
}

function escapeOf(character) {
  return `\\u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** The beginning of a text for a cell of a list; empty if there is no text. */
export function cell(text) {
  if (!text) {
    return "";
  }
  return escaped(text.length > CELL_CHARACTERS ? `${text.slice(0, CELL_CHARACTERS)}…` : text);
}
