// The open question: it fills the screen until it is answered.

import { flash } from "/page/js/banner.js";
import { button, el, icon, setText } from "/page/js/dom.js";
import { Field } from "/page/js/field.js";
import { cell, escaped } from "/page/js/escape.js";
import { t } from "/page/js/texts.js";

/** Up to this many candidates, one key picks one; with more, the number needs Enter. */
const KEYS = 9;
/** A second touch within this time was meant for the previous question and must not answer the next. */
const BOUNCE_MS = 700;

/** The command that a typed word means while a question is open; null: it is not an answer. */
export function answerFor(question, typed) {
  const word = typed.toLowerCase();
  const words = { no: ["n", t("N"), t("No")], yes: ["y", t("Y"), t("Yes")], later: ["l", t("L"), t("Later")] };
  const named = question.answers.find((answer) =>
    [answer, ...words[answer]].some((each) => word === each.toLowerCase()));
  if (named !== undefined) {
    return named;
  }
  if (!isChoice(question) || question.candidates.some((each) => each.serial_number === typed)) {
    return null;
  }
  return /^[1-9]\d*$/.test(typed) && Number(typed) <= placesOf(question) ? `choose ${typed}` : null;
}

/** Whether the worker picks one of several, instead of answering Yes. */
function isChoice({ answers }) {
  return !answers.includes("yes");
}

/** How many there are to pick from: documents, or units. */
function placesOf({ documents, candidates }) {
  return documents.length || candidates.length;
}

/** Whether a key answers without Enter if nothing follows it. */
function isKey(question, key) {
  const isAmbiguous = /\d/.test(key) && placesOf(question) > KEYS;
  return !isAmbiguous && answerFor(question, key) !== null;
}

export class Asking {
  #question = null;
  #answeredAt = 0;
  #meanwhile = null;

  /** `answer(command)` and `scan(text)` send; `line` is the page's own field, where a label may be half typed. */
  constructor(dialog, { answer, scan, line }) {
    this.dialog = dialog;
    this.line = line;
    this.send = answer;
    this.meanwhile = el("p.meanwhile", { role: "alert", hidden: true });
    this.text = el("h2", { id: "question" });
    this.about = el("p.about", { id: "question-about" });
    this.choices = el("div.choices");
    this.answers = el("div.answers");
    this.hint = el("p.hint");
    const input = el("input", { type: "text", "aria-label": t("Typed or scanned"), autocomplete: "off" });
    this.field = new Field(input, (text) => this.#entered(text, scan), (key) => this.#alone(key));
    const head = el("header", {}, icon("question"), this.text);
    dialog.append(this.meanwhile, head, this.about, this.choices, this.answers, el("footer", {}, this.hint, input));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => this.#question && this.#open());
  }

  /** Whether a question is shown. */
  get isOpen() {
    return this.#question !== null;
  }

  /** Show a question, or none; `content` is the banner's, shown when the last event was not an answer. */
  show(question, content) {
    if (question === null) {
      this.#close();
      return;
    }
    if (JSON.stringify(question) !== JSON.stringify(this.#question)) {
      this.#question = question;
      this.#fill(question);
      this.#open();
    }
    this.#showMeanwhile(content);
  }

  #open() {
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.field.resume(this.line.empty());
    }
    // Never focus a button: a label that is being typed ends with Enter.
    this.field.input.focus({ preventScroll: true });
  }

  #close() {
    if (this.#question !== null) {
      this.#question = null;
      this.dialog.close();
      this.line.resume(this.field.empty());
      if (this.line.text) {
        this.line.input.focus({ preventScroll: true });
      }
    }
  }

  #fill(question) {
    const { kind, candidates, documents, codes } = question;
    const isPicked = isChoice(question);
    this.dialog.classList.toggle("choice", isPicked);
    this.dialog.classList.toggle("three", question.answers.length > 2);
    setText(this.text, escaped(question.text));
    const [unit] = candidates;
    const isUnitChoice = isPicked && documents.length === 0;
    this.about.replaceChildren(...(unit && !isUnitChoice ? aboutUnit(unit) : []));
    const numbers = isPicked ? documents.map((each, at) => this.#document(each, at + 1)) : [];
    const units = isUnitChoice ? candidates.map((each, at) => this.#choice(each, at + 1)) : [];
    this.choices.replaceChildren(...numbers, ...units);
    const buttons = { yes: () => this.#yes(kind, codes), later: () => this.#later(codes), no: () => this.#no(wordOfNo(question), codes) };
    this.answers.replaceChildren(...question.answers.map((answer) => buttons[answer]()));
    setText(this.hint, hintOf(question));
    this.dialog.scrollTop = 0;
  }

  #yes(kind, codes) {
    const word = kind === "incomplete" ? t("Save, the rest does not come") : t("Yes");
    const face = [icon("check"), el("span", {}, word), el("kbd", {}, t("Y"))];
    return el("div.answer.yes", {}, this.#button("yes", {}, ...face), code("yes", codes, t("Code to scan for Yes")));
  }

  #later(codes) {
    const face = [icon("later"), el("span", {}, t("Save, the rest comes later")), el("kbd", {}, t("L"))];
    return el("div.answer.later", {}, this.#button("later", {}, ...face), code("later", codes, t("Code to scan for Later")));
  }

  #no(word, codes) {
    const keys = el("span.keys", {}, el("kbd", {}, t("N")), el("kbd.other", {}, t("Esc")));
    const face = [icon("cross"), el("span", {}, word), keys];
    return el("div.answer.no", {}, code("no", codes, t("Code to scan for No")), this.#button("no", {}, ...face));
  }

  #document(number, place) {
    const face = [el("b.place", {}, String(place)), el("span.code", {}, cell(number))];
    return this.#button(`choose ${place}`, {}, ...face);
  }

  #choice(unit, place) {
    const isBarred = unit.barred !== null;
    const known = [unit.item, unit.description, unit.stock_area].filter(Boolean);
    const why = isBarred ? el("em", {}, t("can't be picked: {reason}", { reason: escaped(unit.barred) })) : null;
    return this.#button(
      `choose ${place}`,
      { disabled: isBarred },
      el("b.place", {}, isBarred ? icon("cross") : String(place)),
      el("span.code", {}, cell(unit.serial_number)),
      el("span", {}, known.map(cell).join("  ")),
      why,
    );
  }

  #button(command, attributes, ...face) {
    return button("", attributes, () => this.#answer(command), ...face);
  }

  #entered(text, scan) {
    const command = answerFor(this.#question, text);
    if (command === null) {
      scan(text);
    } else {
      this.#answer(command);
    }
  }

  #alone(key) {
    if (this.#question === null || !isKey(this.#question, key)) {
      return false;
    }
    this.#answer(answerFor(this.#question, key));
    return true;
  }

  /** Escape: clears the line; if it is empty, answers No. */
  withdraw() {
    if (this.field.empty() === "") {
      this.#answer("cancel");
    }
  }

  #answer(command) {
    const now = Date.now();
    if (now - this.#answeredAt > BOUNCE_MS) {
      this.#answeredAt = now;
      this.send(command);
    }
  }

  /** Show what else was scanned while the question is open: it was not booked, and the question needs an answer. */
  #showMeanwhile(content) {
    const isOther = content.tone !== "question";
    this.meanwhile.hidden = !isOther;
    if (isOther && content.key !== this.#meanwhile) {
      const word = content.isTrouble ? content.word : t("Answer first");
      this.meanwhile.replaceChildren(icon("cross"), el("b", {}, word), ` ${summaryOf(content)}`);
      flash(this.meanwhile);
    }
    this.#meanwhile = content.key;
  }
}

/** The word for No: what it does, if No doesn't say it. */
function wordOfNo(question) {
  if (isChoice(question)) {
    return t("None of these");
  }
  return question.kind === "incomplete" ? t("Go on scanning") : t("No");
}

function hintOf(question) {
  if (!isChoice(question)) {
    return t("Touch, press the key, or scan the code");
  }
  return question.documents.length > 0
    ? t("Touch the document, type its place, or scan its number")
    : t("Touch the unit, type its number, or scan its serial number");
}

/** The details of a unit; its description is the largest. */
function aboutUnit({ serial_number: serial, item, description, stock_area: area }) {
  const known = [["span", serial], ["span", item], ["span.description", description], ["span", area]];
  return known.filter(([, text]) => text).map(([name, text]) => el(name, {}, cell(text)));
}

/** What was scanned but not booked; for anything else, the banner's whole text. */
function summaryOf({ isEntry, serial, lines }) {
  const isScan = isEntry && serial !== "";
  return isScan ? t("{text} was not booked", { text: serial }) : [serial, ...lines].filter(Boolean).join("  ");
}

/** The bar code of an answer; its text in the address has the browser load it again after a new key. */
function code(command, codes, title) {
  const src = `/page/command/${command}.svg?${encodeURIComponent(codes[command])}`;
  return el("img", { src, alt: title, width: 120, height: 120 });
}
