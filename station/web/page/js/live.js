// The live connection to the station; reports at once when it is lost.

import { get, Problem, request } from "/page/js/link.js";
import { endPauses, pause } from "/page/js/pauses.js";
import { eventBatches } from "/page/js/stream.js";
import { language, t } from "/page/js/texts.js";

/** The pause before the next attempt to connect, by the number of failures in a row. */
const PAUSES_MS = [0, 250, 500, 1000, 2000, 3000];
const CONNECT_MS = 3000;
/** How often the station's health is checked; a hanging station is noticed within the sum of both. */
const BEAT_MS = 2000;
const BEAT_ANSWER_MS = 3000;
/** Without any event or comment for longer than this, the connection counts as lost. */
const SILENCE_MS = 40_000;

/** How many entries are requested when something has changed, and when all are needed. */
export const SOME_ENTRIES = 50;
export const ALL_ENTRIES = 1000;

export class Live {
  /**
   * `listener` has `onState(state, isWhole)`, which returns whether all entries are needed now; `onRows(rows)`;
   * `onLost(reason)`; and `onUnwell(reason)`: the station answers but can't process scans; null: it can.
   */
  constructor(listener) {
    this.listener = listener;
    this.lastId = null;
    this.connection = null;
    this.heardAt = 0;
    this.isWanted = false;
    this.isFetching = false;
  }

  /** Follow the station from now on. */
  start() {
    window.addEventListener("online", endPauses);
    window.addEventListener("pageshow", endPauses);
    document.addEventListener("visibilitychange", endPauses);
    this.follow();
    this.beat();
  }

  async follow() {
    let failures = 0;
    for (;;) {
      this.connection = new AbortController();
      const { signal } = this.connection;
      this.heardAt = Date.now();
      try {
        const response = await this.connect(signal);
        failures = 0;
        await this.read(response);
      } catch (error) {
        await logInWhenAsked(error);
        this.listener.onLost(reasonOf(signal.aborted ? signal.reason : error));
      }
      this.connection.abort();
      await pause(PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]);
      failures += 1;
    }
  }

  async connect(signal) {
    await reloadWhenChanged();
    const headers = this.lastId === null ? {} : { "Last-Event-ID": this.lastId };
    const late = setTimeout(() => this.abort(new DOMException("", "TimeoutError")), CONNECT_MS);
    try {
      const response = await request(`/api/v1/events?language=${language()}`, { headers, signal });
      await this.fetchState(ALL_ENTRIES);
      return response;
    } finally {
      clearTimeout(late);
    }
  }

  abort(reason) {
    this.connection.abort(reason);
  }

  async read(response) {
    for await (const batch of eventBatches(response)) {
      this.heardAt = Date.now();
      this.lastId = batch.findLast((event) => event.id !== null)?.id ?? this.lastId;
      const rows = batch.filter((event) => event.type === "history").map((event) => JSON.parse(event.data));
      if (rows.length > 0) {
        this.listener.onRows(rows);
      }
      if (batch.some((event) => event.type === "state")) {
        this.refresh();
      }
    }
  }

  /** Fetch the state; calls while a fetch is running lead to just one more. */
  async refresh() {
    this.isWanted = true;
    if (this.isFetching) {
      return;
    }
    this.isFetching = true;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        await this.fetchState(SOME_ENTRIES);
      }
    } catch (error) {
      this.abort(error);
    } finally {
      this.isFetching = false;
    }
  }

  async fetchState(entries) {
    const state = await get(`/api/v1/state?entries=${entries}&language=${language()}`, CONNECT_MS);
    const isWhole = entries === ALL_ENTRIES;
    if (this.listener.onState(state, isWhole) && !isWhole) {
      await this.fetchState(ALL_ENTRIES);
    }
  }

  /** Check the station's health in an endless loop. */
  async beat() {
    for (;;) {
      await pause(BEAT_MS);
      if (Date.now() - this.heardAt > SILENCE_MS) {
        this.abort(new Error(t("no data from the station")));
      } else {
        await this.checkHealth();
      }
    }
  }

  async checkHealth() {
    const { connection } = this;
    try {
      await get("/healthz", BEAT_ANSWER_MS);
      this.listener.onUnwell(null);
    } catch (error) {
      if (error instanceof Problem && error.status === 503) {
        this.listener.onUnwell(t("Scans can't be processed now"));
      } else {
        connection.abort(error);
      }
    }
  }
}

/** Reload if the station has another page by now, but only once, never in a loop. */
async function reloadWhenChanged() {
  const { page } = await get("/page/page.json", CONNECT_MS);
  if (page !== document.documentElement.dataset.page && sessionStorage.getItem("scanstation.page") !== page) {
    sessionStorage.setItem("scanstation.page", page);
    location.reload();
    await new Promise(() => {});
  }
}

/** Go to the login if the station needs a token that this browser doesn't have, or no longer has. */
async function logInWhenAsked(error) {
  if (error instanceof Problem && error.status === 401) {
    location.assign("/");
    await new Promise(() => {});
  }
}

function reasonOf(error) {
  if (error instanceof Problem) {
    return error.message;
  }
  if (error instanceof TypeError || error.name === "TimeoutError") {
    return t("the station does not answer");
  }
  return error.message;
}
