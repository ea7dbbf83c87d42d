// The banner's content: the one thing that the worker must know now. terminal/banner.py does the same for terminals.

import { isOfSameScan, keyOf } from "/page/js/entries.js";
import { cell, escaped } from "/page/js/escape.js";
import { NOTICES, OUTCOMES } from "/page/js/outcomes.js";
import { clockTime, numeral, t, tn, translated } from "/page/js/texts.js";

/** The most urgent first; also the order for sounds. */
export const URGENCY = ["question", "unanswered", "refused", "held", "attention", "good", "none"];

/**
 * The {tone, icon, word} of an action, the word in the reader's language. An action that the page doesn't know is
 * shown untranslated, and like a refused one.
 */
export function outcomeType(action) {
  const row = OUTCOMES[action] ?? { ...OUTCOMES.Refused, word: action };
  return { ...row, word: translated(row.word) };
}

/**
 * The sound of a row of history: a scan during an open question has a sound of its own, and too many of an item never
 * sound like a plain good scan.
 */
export function toneOfEntry({ action, reason }, tooMany = 0) {
  if (reason === t("answer first")) {
    return "unanswered";
  }
  return withTooMany(outcomeType(action), tooMany).tone;
}

function withTooMany(type, tooMany) {
  return tooMany > 0 && type.tone === "good" ? { ...type, tone: "attention", icon: "alert" } : type;
}

/** What an entry is about: the serial number, or what was counted. */
export function subjectOf({ serial_number: serial, text, quantity }) {
  return quantity > 1 ? `${numeral(quantity)} × ${serial || text}` : serial || text;
}

/**
 * The one thing to show now: {key, tone, word, icon, serial, lines, about, at, isEntry, isTrouble}. `underWay` has the
 * texts that are sent and not answered yet. `key` differs from one outcome to the next; `serial` is what was scanned,
 * `lines` are reason and counts, `about` describes the goods, `at` is the time; `isEntry`: it is the newest entry of
 * the history; `isTrouble`: it is about the page or the station, not about goods.
 */
export function bannerContent(model, underWay) {
  const trouble = ofTrouble(model, underWay);
  return trouble === null ? newest(model) : { ...trouble, isTrouble: true };
}

function ofTrouble({ state, lost, unwell, notSent }, underWay) {
  if (lost !== null) {
    return ofLoss(lost, notSent, underWay);
  }
  if (notSent.length > 0) {
    const { reason } = notSent.at(-1);
    return withTexts(message("refused", t("Not sent"), "alert", escaped(reason)), notSent.map(({ text }) => text));
  }
  if (state === null) {
    return message("none", t("Wait"), "wait", t("Connecting to the station"));
  }
  if (!state.database.ok) {
    const line = t("Nothing is booked until it is back");
    return message("refused", t("Database"), "alert", line, escaped(state.database.detail));
  }
  return unwell === null ? null : message("refused", t("Not ready"), "alert", escaped(unwell));
}

/** The page is not live; lists what was typed and not booked, as nothing else keeps it. */
function ofLoss({ reason, since }, notSent, underWay) {
  const line = t("No connection to the station since {time}", { time: clockTime(since) });
  const texts = [...notSent.map(({ text }) => text), ...underWay];
  if (texts.length === 0) {
    return message("refused", t("Not live"), "alert", line, escaped(reason));
  }
  const again = tn("{count} not sent: scan it again", "{count} not sent: scan them again", notSent.length);
  const unsure = t("Not confirmed by the station yet");
  const lines = [notSent.length > 0 ? again : "", underWay.length > 0 ? unsure : ""].filter(Boolean);
  return withTexts({ ...message("refused", t("Not live"), "alert", line), lines, about: line }, texts);
}

function withTexts(view, texts) {
  const serial = texts.map(cell).join("  ");
  return { ...view, serial, key: `${view.key}\n${serial}` };
}

/** The last event; if there is none, what to do next. */
function newest(model) {
  const { state, entries } = model;
  if (state.notice !== null) {
    return ofNotice(state);
  }
  if (entries.length > 0) {
    return ofEntries(entries, model);
  }
  if (state.document === null) {
    const about = t("Scan or type a document's number");
    return message("none", t("Ready"), "ready", t("No document is open"), about);
  }
  const ready = message("none", t("Ready"), "ready", t("Scan a serial number"));
  return { ...ready, serial: escaped(state.document.number) };
}

function ofNotice({ notice, mode }) {
  const { word, icon } = (notice.tone === "attention" && ofMode(mode)) || ofTone(notice.tone);
  return { ...message(notice.tone, word, icon, escaped(notice.text)), key: `${notice.at} ${notice.text}`, at: notice.at };
}

function ofTone(tone) {
  const { word, icon } = NOTICES[tone];
  return { word: translated(word), icon };
}

function ofMode(mode) {
  const words = {
    detach: { word: t("Detach"), icon: "detach" },
    mfg: { word: t("Mfr"), icon: "mfr" },
    range_first: { word: t("Range"), icon: "range" },
    range_last: { word: t("Range"), icon: "range" },
    generate: { word: t("Generate"), icon: "generate" },
    new: { word: t("New"), icon: "new" },
  };
  return words[mode];
}

/** The newest entry; if its scan has several, the most urgent one with the counts of all. */
function ofEntries(entries, model) {
  const last = entries.findIndex((entry) => !isOfSameScan(entry, entries[0]));
  const scan = entries.slice(0, Math.max(1, last < 0 ? entries.length : last));
  const urgent = URGENCY.map((tone) => scan.find(({ action }) => outcomeType(action).tone === tone));
  const entry = urgent.find((each) => each !== undefined);
  const over = model.tooMany(entry);
  const lines = [
    scan.length > 1 ? countsOf(scan) : "",
    over > 0 ? t("{count} too many", { count: over }) : "",
    escaped(entry.reason ?? ""),
    escaped(entry.note ?? ""),
    detailsOf(entry),
  ];
  return {
    key: keyOf(entries[0]),
    ...withTooMany(outcomeType(entry.action), over),
    serial: cell(subjectOf(entry)),
    lines: lines.filter(Boolean),
    about: [entry.item, entry.description].filter(Boolean).map(cell).join("  "),
    at: entry.at,
    isEntry: true,
    isTrouble: false,
  };
}

/** Reason and condition of a unit (M7). */
function detailsOf({ reason_code: reason, condition }) {
  return [reason, condition].filter(Boolean).map(cell).join("  ");
}

function countsOf(scan) {
  const counts = new Map();
  for (const { action } of scan) {
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  const each = [...counts].map(([action, count]) => `${outcomeType(action).word} ${numeral(count)}`);
  const units = tn("{count} unit", "{count} units", scan.length);
  return `${units}: ${each.join(", ")}`;
}

function message(tone, word, icon, line, about = "") {
  const key = `${word}\n${line}\n${about}`;
  return { key, tone, word, icon, serial: "", lines: [line], about, at: null, isEntry: false, isTrouble: false };
}
