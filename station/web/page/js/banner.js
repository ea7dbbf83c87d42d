// The banner: the last outcome over the full width, to be read from three metres away.

import { el, icon, setText } from "/page/js/dom.js";
import { clockTime, t } from "/page/js/texts.js";

/** Positions of the mark that moves with each outcome, so that a repeated one is visible without animation. */
const MARKS = 8;

export class Banner {
  #outcome = 0;
  #key = null;

  /** `element` is the section to fill. */
  constructor(element) {
    this.element = element;
    this.icon = el("div.sign");
    this.word = el("p.word");
    this.serial = el("p.serial");
    this.lines = el("div.lines");
    this.about = el("p.about");
    this.count = el("p.count");
    this.at = el("time.at");
    this.marks = el("div.marks", { "aria-hidden": "true" }, ...Array.from({ length: MARKS }, () => el("i")));
    const details = el("div.details", {}, this.serial, this.lines, this.about);
    element.append(this.icon, this.word, details, el("div.when", {}, this.count, this.at), this.marks);
  }

  /** Show this `content`; `total` is the session's number of outcomes. Returns whether the content is new. */
  show(content, total) {
    this.element.dataset.tone = content.tone;
    this.icon.replaceChildren(icon(content.icon));
    setText(this.word, content.word);
    setText(this.serial, content.serial);
    fit(this.word, content.word);
    fit(this.serial, content.serial);
    this.lines.replaceChildren(...content.lines.map((line) => el("p", {}, line)));
    setText(this.about, content.about);
    setText(this.count, content.isEntry ? t("No. {number}", { number: total }) : "");
    setText(this.at, content.at === null ? "" : clockTime(content.at));
    const isNew = content.key !== this.#key;
    if (isNew) {
      this.#key = content.key;
      this.#mark();
    }
    return isNew;
  }

  #mark() {
    this.#outcome += 1;
    const marks = [...this.marks.children];
    marks.forEach((mark, place) => mark.classList.toggle("on", place === this.#outcome % MARKS));
    flash(this.element);
  }
}

/** Let an element flash once, unless the reader prefers reduced motion. */
export function flash(element) {
  element.classList.remove("flash");
  // Reading this forces a layout without the class, so that setting it again restarts the animation.
  void element.offsetWidth;
  element.classList.add("flash");
}

/** Pass the length of a text to the style sheet, which sets long ones smaller. */
export function fit(element, text) {
  element.style.setProperty("--characters", String(Math.max(1, [...text].length)));
}
