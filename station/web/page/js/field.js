// The line that takes what is typed: by hand, or by a scanner that types like a keyboard.

/** One more than the station takes: what is too long is refused there, never cut here. */
const CHARACTERS = 4097;
/** How long a single key must stand alone to be an answer: a scanner types the next key sooner. */
const ALONE_MS = 300;

export class Field {
  #alone = 0;

  /** `onEntry(text)` is called with each line; `onAlone(key)` with a key that nothing follows: true, it is taken. */
  constructor(input, onEntry, onAlone = () => false) {
    this.input = input;
    this.onEntry = onEntry;
    this.onAlone = onAlone;
    input.maxLength = CHARACTERS;
    input.addEventListener("input", () => this.#wait());
  }

  /** What is typed so far. */
  get text() {
    return this.input.value;
  }

  /** Take a typed character as if the line had had the focus. */
  type(character) {
    const { input } = this;
    input.focus({ preventScroll: true });
    input.setRangeText(character, input.selectionStart, input.selectionEnd, "end");
    this.#wait();
  }

  /** Hand the line over; an empty one is none. The line is free for the next label at once. */
  enter() {
    const text = this.empty();
    if (text) {
      this.onEntry(text);
    }
  }

  /** Empty the line; returns what was in it. */
  empty() {
    const text = this.input.value;
    this.input.value = "";
    clearTimeout(this.#alone);
    return text;
  }

  /** Go on with what was begun on another line: a label may be half typed when a question is raised. */
  goOn(text) {
    this.input.value = text;
    this.input.setSelectionRange(text.length, text.length);
    this.#wait();
  }

  #wait() {
    clearTimeout(this.#alone);
    const { value } = this.input;
    if ([...value].length === 1) {
      this.#alone = setTimeout(() => {
        if (this.input.value === value && this.onAlone(value)) {
          this.input.value = "";
        }
      }, ALONE_MS);
    }
  }
}
