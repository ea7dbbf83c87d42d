// The lower half: the document's lines and the session's counts, or the documents to open.

import { outcomeType } from "/page/js/banner_content.js";
import { button, byId, el, icon } from "/page/js/dom.js";
import { cell, escaped } from "/page/js/escape.js";
import { wordOfKind, wordOfStatus } from "/page/js/heading.js";
import { OUTCOMES } from "/page/js/outcomes.js";
import { numeral, t } from "/page/js/texts.js";

/** Missing serial numbers named below a line. */
const MISSING_NAMED = 5;

/** Show how often each action has happened in this session. */
export function showCounts({ state }) {
  const shown = Object.keys(OUTCOMES).filter((action) => state?.counts[action]);
  const chips = shown.map((action) => {
    const count = el("b", {}, numeral(state.counts[action]));
    const { tone, icon: sign, word } = outcomeType(action);
    return el(`li.${tone}`, {}, icon(sign), `${word} `, count);
  });
  byId("counts").replaceChildren(...chips);
}

/** The credited quantity of each line when it was last shown, and the line that changed last. */
let credited = new Map();
let touched = null;

/** Show the document's lines, scrolled to the one that changed last. */
export function showLines({ state }) {
  const { number, lines } = state.document;
  const keys = lines.map((line) => `${number} ${line.number}`);
  const changed = keys.findLast((key, at) => (credited.get(key) ?? 0) !== lines[at].credited);
  touched = credited.has(keys[0]) && changed !== undefined ? changed : touched;
  credited = new Map(keys.map((key, at) => [key, lines[at].credited]));
  const titles = [t("Item"), t("Description"), t("Requested"), t("Credited"), ""];
  const head = el("div.row.head", { role: "row" }, ...titles.map((title) => columnHead(title)));
  const rows = lines.flatMap((line, at) => [lineRow(line, keys[at] === touched), missingRow(line)]).filter(Boolean);
  byId("lines").replaceChildren(el("div.table", { role: "table", "aria-label": t("Lines") }, head, ...rows));
  byId("lines").querySelector(".touched")?.scrollIntoView({ block: "nearest" });
}

function columnHead(title) {
  return title ? el("span", { role: "columnheader" }, title) : el("span", { role: "cell" });
}

function lineRow(line, isTouched) {
  const [note, tone, sign] = lineNote(line);
  const row = el(`div.row.${tone}`, { role: "row" });
  row.classList.toggle("touched", isTouched);
  row.append(
    el("span.code", { role: "cell" }, cell(line.item)),
    el("span", { role: "cell" }, cell(line.description)),
    el("span.number", { role: "cell" }, numeral(line.requested)),
    el("span.number.credited", { role: "cell" }, numeral(line.credited)),
    el("span.note", { role: "cell" }, sign && icon(sign), note),
  );
  return row;
}

/** The expected serial numbers of a line that are not here yet (R14), below it; null: none. */
function missingRow({ missing, missing_count: count }) {
  if (count === 0) {
    return null;
  }
  const named = missing.slice(0, MISSING_NAMED).map(cell).join(", ");
  const more = count - Math.min(missing.length, MISSING_NAMED);
  const text = more > 0
    ? t("still missing: {serial_numbers} and {count} more", { serial_numbers: named, count: more })
    : t("still missing: {serial_numbers}", { serial_numbers: named });
  return el("div.missing", { role: "row" }, el("span", { role: "cell" }, text));
}

/** The status of a line: in words, its tone, and its sign. */
function lineNote({ over, negative, added, credited, requested }) {
  if (over) {
    return [t("{count} too many", { count: credited - requested }), "attention", "alert"];
  }
  if (negative) {
    return [t("negative"), "attention", "minus"];
  }
  if (added) {
    return [t("added"), "good", "plus"];
  }
  if (credited === requested) {
    return [t("complete"), "good", "check"];
  }
  return [t("{count} to come", { count: requested - credited }), "open", null];
}

/** Show documents to open by touch, which calls `open(number)`. */
export function showDocuments(documents, open) {
  const cards = documents.map(({ number, kind, customer, reference, status }) =>
    button(
      ".card",
      {},
      () => open(number),
      el("b", {}, escaped(number)),
      el("small", {}, status === "open" ? wordOfKind(kind) : `${wordOfKind(kind)} (${wordOfStatus(status)})`),
      el("span", {}, [customer, reference].filter(Boolean).map(cell).join(" · ")),
    ),
  );
  const title = documents.length > 0 ? t("Touch a document to open it, or scan its number") : "";
  const none = t("There are no open documents; the office creates them");
  byId("documents").replaceChildren(el("h2", {}, title || none), el("div.cards", {}, ...cards));
}
