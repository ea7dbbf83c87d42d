// What the banner says: of all that is so, the one thing the worker must know now. The same as outlook.py does for
// terminals.

import { isOfSameScan, keyOf } from "/page/js/entries.js";
import { cell, inert } from "/page/js/inert.js";
import { clockTime, numeral, t, tn } from "/page/js/texts.js";

const TONES = {
  Assigned: "good",
  Added: "good",
  Negative: "attention",
  Skipped: "attention",
  Detached: "attention",
};

const ICONS = { Assigned: "check", Added: "plus", Negative: "minus", Skipped: "skip", Detached: "back" };

/** The most urgent first; as for what the worker hears. */
export const URGENCY = ["question", "unanswered", "refused", "held", "attention", "good", "none"];

/** How an action is meant; what is none of those above was turned away. */
export function toneOfAction(action) {
  return TONES[action] ?? "refused";
}

/** How a row of history sounds: what came while a question stands has a sound of its own. */
export function toneOfEntry({ action, reason }) {
  return reason === t("answer first") ? "unanswered" : toneOfAction(action);
}

/** The sign of an action. */
export function iconOfAction(action) {
  return ICONS[action] ?? "cross";
}

/** An action in the reader's language. */
export function wordOfAction(action) {
  const words = {
    Assigned: t("Assigned"),
    Added: t("Added"),
    Negative: t("Negative"),
    Skipped: t("Skipped"),
    Detached: t("Detached"),
    Refused: t("Refused"),
    Rejected: t("Rejected"),
  };
  return words[action] ?? action;
}

/**
 * The one thing to know now, `underWay` being sent and not answered yet: {key, tone, word, icon, serial, lines, about, at}. `key` differs from one outcome to
 * the next; `serial` is what was scanned, `lines` say why and how many, `about` what it is; `at` when it happened;
 * `isEntry`: it is the newest of the list; `isTrouble`: it is about the page or the station, not about goods.
 */
export function outlook(model, underWay) {
  const trouble = ofTrouble(model, underWay);
  return trouble === null ? newest(model) : { ...trouble, isTrouble: true };
}

function ofTrouble({ state, lost, unwell, notSent }, underWay) {
  if (lost !== null) {
    return ofLoss(lost, notSent, underWay);
  }
  if (notSent.length > 0) {
    const { reason } = notSent.at(-1);
    return withTexts(told("refused", t("Not sent"), "alert", inert(reason)), notSent.map(({ text }) => text));
  }
  if (state === null) {
    return told("none", t("Wait"), "wait", t("Looking for the station"));
  }
  if (!state.database.ok) {
    const line = t("Nothing is booked until it is back");
    return told("refused", t("Database"), "alert", line, inert(state.database.detail));
  }
  return unwell === null ? null : told("refused", t("Not ready"), "alert", inert(unwell));
}

/** The page is not live; and what was typed in vain, which would be lost with the station. */
function ofLoss({ reason, since }, notSent, underWay) {
  const line = t("No connection to the station since {time}", { time: clockTime(since) });
  const texts = [...notSent.map(({ text }) => text), ...underWay];
  if (texts.length === 0) {
    return told("refused", t("Not live"), "alert", line, inert(reason));
  }
  const again = tn("{count} not sent: scan it again", "{count} not sent: scan them again", notSent.length);
  const unsure = t("Not confirmed by the station yet");
  const lines = [notSent.length > 0 ? again : "", underWay.length > 0 ? unsure : ""].filter(Boolean);
  return withTexts({ ...told("refused", t("Not live"), "alert", line), lines, about: line }, texts);
}

function withTexts(view, texts) {
  const serial = texts.map(cell).join("  ");
  return { ...view, serial, key: `${view.key}\n${serial}` };
}

/** What happened last; nothing yet: what to do. */
function newest({ state, entries }) {
  if (state.notice !== null) {
    return ofNotice(state);
  }
  if (entries.length > 0) {
    return ofEntries(entries);
  }
  if (state.document === null) {
    const about = t("Scan or type a document's number");
    return told("none", t("Ready"), "ready", t("No document is open"), about);
  }
  return { ...told("none", t("Ready"), "ready", t("Scan a serial number")), serial: inert(state.document.number) };
}

function ofNotice({ notice, mode }) {
  const words = {
    good: [t("OK"), "check"],
    attention: ofMode(mode) ?? [t("Note"), "alert"],
    refused: [t("Not done"), "cross"],
    question: [t("Answer"), "question"],
    none: [t("Ready"), "ready"],
  };
  const [word, icon] = words[notice.tone];
  return { ...told(notice.tone, word, icon, inert(notice.text)), key: `${notice.at} ${notice.text}`, at: notice.at };
}

function ofMode(mode) {
  const words = {
    detach: [t("Detach"), "detach"],
    mfg: [t("Mfr"), "mfr"],
    range_first: [t("Range"), "range"],
    range_last: [t("Range"), "range"],
    generate: [t("Generate"), "generate"],
  };
  return words[mode];
}

/** The newest entry; of several of one scan, the most urgent one, and how many there are of each. */
function ofEntries(entries) {
  const last = entries.findIndex((entry) => !isOfSameScan(entry, entries[0]));
  const scan = entries.slice(0, Math.max(1, last < 0 ? entries.length : last));
  const urgent = URGENCY.map((tone) => scan.find((entry) => toneOfAction(entry.action) === tone));
  const entry = urgent.find((each) => each !== undefined);
  return {
    key: keyOf(entries[0]),
    tone: toneOfAction(entry.action),
    word: wordOfAction(entry.action),
    icon: iconOfAction(entry.action),
    serial: cell(entry.serial_number || entry.text),
    lines: [scan.length > 1 ? countsOf(scan) : "", inert(entry.reason ?? "")].filter(Boolean),
    about: [entry.item, entry.description].filter(Boolean).map(cell).join("  "),
    at: entry.at,
    isEntry: true,
    isTrouble: false,
  };
}

function countsOf(scan) {
  const counts = new Map();
  for (const { action } of scan) {
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  const each = [...counts].map(([action, count]) => `${wordOfAction(action)} ${numeral(count)}`);
  const units = tn("{count} unit", "{count} units", scan.length);
  return `${units}: ${each.join(", ")}`;
}

function told(tone, word, icon, line, about = "") {
  const key = `${word}\n${line}\n${about}`;
  return { key, tone, word, icon, serial: "", lines: [line], about, at: null, isEntry: false, isTrouble: false };
}
