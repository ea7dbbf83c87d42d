// The banner: the last outcome over the full width, to be read from three metres away.

import { el, icon, setText } from "/page/js/dom.js";
import { clockTime, t } from "/page/js/texts.js";

/** Places of the mark that moves on with each outcome, so that a repeated one is seen without any motion. */
const MARKS = 8;

export class Banner {
  #outcome = 0;
  #key = null;

  /** `element`: the section to fill. */
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
    const said = el("div.said", {}, this.serial, this.lines, this.about);
    element.append(this.icon, this.word, said, el("div.when", {}, this.count, this.at), this.marks);
  }

  /** Show this `content`; `total`: how many outcomes the session has had. Returns whether it is a new one. */
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

/** Let an element flash once, where the reader doesn't mind motion. */
export function flash(element) {
  element.classList.remove("flash");
  // Asked for, the layout is worked out without the class: set again, it starts anew.
  void element.offsetWidth;
  element.classList.add("flash");
}

/** Tell the style sheet how long a text is: long ones are set smaller. */
export function fit(element, text) {
  element.style.setProperty("--characters", String(Math.max(1, [...text].length)));
}
