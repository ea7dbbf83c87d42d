// The input line, for text typed by hand or by a scanner that works as a keyboard.

/** One more than the station accepts: text that is too long is refused there, never truncated here. */
const CHARACTERS = 4097;
/** How long a single key must stay alone to be an answer: a scanner types the next key sooner. */
const ALONE_MS = 300;

export class Field {
  #alone = 0;

  /** `onEntry(text)` gets each line; `onAlone(key)` a key that nothing follows, and returns whether it used it. */
  constructor(input, onEntry, onAlone = () => false) {
    this.input = input;
    this.onEntry = onEntry;
    this.onAlone = onAlone;
    input.maxLength = CHARACTERS;
    input.addEventListener("input", () => this.#wait());
  }

  /** The text typed so far. */
  get text() {
    return this.input.value;
  }

  /** Insert a typed character as if the line had the focus. */
  type(character) {
    const { input } = this;
    input.focus({ preventScroll: true });
    input.setRangeText(character, input.selectionStart, input.selectionEnd, "end");
    this.#wait();
  }

  /** Submit the line unless it is empty; it is free for the next label at once. */
  enter() {
    const text = this.empty();
    if (text) {
      this.onEntry(text);
    }
  }

  /** Clear the line; returns what was in it. */
  empty() {
    const text = this.input.value;
    this.input.value = "";
    clearTimeout(this.#alone);
    return text;
  }

  /** Continue with text begun in another line: a label may be half typed when a question is raised. */
  resume(text) {
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
