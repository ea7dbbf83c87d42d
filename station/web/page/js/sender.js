// Sends what was typed and touched, one after the other in order; each is booked once, however often it is sent.

import { post, Problem } from "/page/js/link.js";
import { pause } from "/page/js/pauses.js";
import { language, t } from "/page/js/texts.js";

/** Longer than the station's own timeout, so that its reason arrives. */
const ANSWER_MS = 40_000;
const TRIES = 3;
const BETWEEN_MS = 700;

export class Sender {
  /** The texts that are not answered yet, in order. */
  underWay = [];
  #last = Promise.resolve();

  /** `onFailure(text, reason)` is called for each text that did not arrive, `onArrival()` for each that did. */
  constructor(onFailure, onArrival) {
    this.onFailure = onFailure;
    this.onArrival = onArrival;
  }

  /** Send a label's text when it is its turn. */
  scan(text) {
    return this.#send("/api/v1/scans", { text }, text);
  }

  /** Send a command, without its prefix, when it is its turn. */
  command(command) {
    return this.#send("/api/v1/commands", { command }, command);
  }

  #send(path, body, text) {
    const key = crypto.randomUUID();
    this.underWay.push(text);
    this.#last = this.#last.then(async () => {
      try {
        await postRepeatedly(path, body, key);
        this.underWay.shift();
        this.onArrival();
      } catch (error) {
        this.underWay.shift();
        this.onFailure(text, error instanceof Problem ? error.message : t("the station does not answer"));
      }
    });
    return this.#last;
  }
}

async function postRepeatedly(path, body, key) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await post(`${path}?language=${language()}`, body, key, ANSWER_MS);
    } catch (error) {
      const isFinal = error instanceof Problem && error.status < 500;
      if (isFinal || tried === TRIES) {
        throw error;
      }
      await pause(BETWEEN_MS);
    }
  }
}
