// What the page knows of the station: its state, the list of entries, and whether any of it is still true.

import { ALL_ENTRIES, SOME_ENTRIES } from "/page/js/live.js";
import { joined, keyOf } from "/page/js/entries.js";
import { toneOfEntry } from "/page/js/banner_content.js";

export class Model {
  state = null;
  entries = [];
  /** {reason, since} when the page is not live, else null. */
  lost = null;
  /** Why the station can't process scans now, else null. */
  unwell = null;
  /** {text, reason} of each thing that was typed or touched and did not arrive, until the worker has seen it. */
  notSent = [];
  liveAt = new Date();
  #newestRow = null;
  #noticeSeen = "";

  /** What the page can't vouch for: nothing it shows is to be relied on. */
  get isStale() {
    return this.lost !== null || this.state === null;
  }

  /**
   * Take the station's state. Returns {tones, wantsAll}: what the worker should hear of it, and whether the
   * list can be known only by asking for all of it; null for a state that is older than what is shown.
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
    this.lost = null;
    this.liveAt = new Date();
    return { tones, wantsAll };
  }

  /** Take rows of history, as they are booked. Returns what the worker should hear. */
  takeRows(rows) {
    for (const row of rows) {
      const isShown = this.entries.some((entry) => entry.id === row.id);
      if (this.state !== null && row.session === this.state.session && !isShown) {
        this.entries = [row, ...this.entries].slice(0, ALL_ENTRIES);
        const counts = { ...this.state.counts };
        counts[row.action] = (counts[row.action] ?? 0) + 1;
        this.state = { ...this.state, counts, notice: null };
        this.#newestRow = row;
        this.notSent = [];
      }
    }
    return rows.map(toneOfEntry);
  }

  /** Nothing more comes from the station. */
  takeLoss(reason) {
    this.lost = { reason, since: this.liveAt };
  }

  /** A state that was read before the newest row was booked; once a row, a better one follows. */
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
    const isTold = key !== "" && key !== this.#noticeSeen;
    const refused = state.question === null ? "refused" : "unanswered";
    const told = isTold ? state.notice.tone : "none";
    return [told === "refused" ? refused : told, isRejected ? refused : "none", isUnwell ? "held" : "none"];
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
