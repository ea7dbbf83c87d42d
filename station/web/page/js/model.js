// What the page knows about the station: its state, the history, and whether all that is up to date.

import { ALL_ENTRIES, SOME_ENTRIES } from "/page/js/live.js";
import { joined, keyOf } from "/page/js/entries.js";
import { toneOfEntry } from "/page/js/banner_content.js";

/** The actions that credit units to an announced line. */
const TAKES = new Set(["Assigned", "Added", "Counted"]);

export class Model {
  state = null;
  entries = [];
  /** {reason, since} when the page is not live, else null. */
  lost = null;
  /** Why the station can't process scans now, else null. */
  unwell = null;
  /** {text, reason} of everything typed or touched that did not arrive, until the worker has seen it. */
  notSent = [];
  liveAt = new Date();
  /** Units by item that were credited after the state was read. */
  #since = new Map();
  #newestRow = null;
  #noticeSeen = "";

  /** Whether what the page shows may be out of date. */
  get isStale() {
    return this.lost !== null || this.state === null;
  }

  /**
   * Take the station's state. Returns {tones, wantsAll}: the sounds to play, and whether the whole history must be
   * fetched; null for a state that is older than the one shown.
   */
  takeState(state, isWhole) {
    if (!isWhole && this.#isOld(state)) {
      return null;
    }
    const tones = this.state === null ? [] : this.#tonesOf(state);
    if (!isWhole && tones.some((tone) => tone !== "none")) {
      this.notSent = [];
    }
    this.#noticeSeen = noticeKey(state.notice) || this.#noticeSeen;
    const wantsAll = this.#takeEntries(state, isWhole);
    this.state = state;
    this.#since.clear();
    this.lost = null;
    this.liveAt = new Date();
    return { tones, wantsAll };
  }

  /** Take newly booked rows of history. Returns the sounds to play. */
  takeRows(rows) {
    for (const row of rows) {
      const isShown = this.entries.some((entry) => entry.id === row.id);
      if (this.state !== null && row.session === this.state.session && !isShown) {
        this.entries = [row, ...this.entries].slice(0, ALL_ENTRIES);
        const counts = { ...this.state.counts };
        counts[row.action] = (counts[row.action] ?? 0) + 1;
        this.state = { ...this.state, counts, notice: null };
        this.#credit(row);
        this.#newestRow = row;
        this.notSent = [];
      }
    }
    return rows.map((row) => toneOfEntry(row, this.tooMany(row)));
  }

  /** How many more units of an entry's item are here than requested (R9); 0: none. */
  tooMany({ action, item, session }) {
    const { state } = this;
    if (!TAKES.has(action) || !state?.document || session !== state.session) {
      return 0;
    }
    const lines = state.document.lines.filter((line) => line.item === item && !line.negative && !line.added);
    const over = lines.reduce((sum, line) => sum + line.credited - line.requested, this.#since.get(item) ?? 0);
    return lines.length === 0 ? 0 : Math.max(0, over);
  }

  #credit({ action, item, quantity }) {
    if (TAKES.has(action)) {
      this.#since.set(item, (this.#since.get(item) ?? 0) + quantity);
    }
  }

  /** The connection to the station is lost. */
  takeLoss(reason) {
    this.lost = { reason, since: this.liveAt };
  }

  /** Whether a state was read before the newest row was booked; checked once for each row, as a newer one follows. */
  #isOld(state) {
    const row = this.#newestRow;
    this.#newestRow = null;
    return row !== null && row.session === state.session && !state.history.some((entry) => entry.id === row.id);
  }

  #tonesOf(state) {
    const key = noticeKey(state.notice);
    const known = new Set(this.entries.map(keyOf));
    const isRejected = state.history.some((entry) => entry.id === null && !known.has(keyOf(entry)));
    const isUnwell = this.state.database.ok && !state.database.ok;
    const isNewNotice = key !== "" && key !== this.#noticeSeen;
    const refused = state.question === null ? "refused" : "unanswered";
    const notice = isNewNotice ? state.notice.tone : "none";
    return [notice === "refused" ? refused : notice, isRejected ? refused : "none", isUnwell ? "held" : "none"];
  }

  #takeEntries(state, isWhole) {
    const isOther = this.state === null || this.state.session !== state.session;
    if (isWhole || isOther) {
      this.entries = state.history;
      return state.history.length >= SOME_ENTRIES;
    }
    const all = joined(this.entries, state.history);
    this.entries = (all ?? state.history).slice(0, ALL_ENTRIES);
    return all === null;
  }
}

function noticeKey(notice) {
  return notice === null ? "" : `${notice.at} ${notice.text}`;
}
