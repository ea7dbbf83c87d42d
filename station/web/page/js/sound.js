// The sounds by meaning; they differ in pitch, rhythm and length. They are those of outputs/sound.py, for stations
// without a browser, and two more: "held" for scans that wait, and "unanswered" for a scan before the answer, which is
// low like "refused", followed by the question.

import { URGENCY } from "/page/js/banner_content.js";

/** Notes: frequency in Hz (0: silence) and seconds. */
export const TONES = {
  good: [[1568, 0.15]],
  attention: [[988, 0.14], [0, 0.07], [988, 0.14]],
  refused: [[196, 0.6]],
  question: [[784, 0.14], [988, 0.14], [1175, 0.28]],
  unanswered: [[220, 0.2], [0, 0.07], [220, 0.2], [0, 0.07], [784, 0.14], [988, 0.14], [1175, 0.28]],
  held: [[587, 0.3], [0, 0.08], [392, 0.5]],
};

/** All sounds of one scan arrive within this time; only the most urgent is played. */
const GATHER_MS = 30;
/** How long each note fades in and out, so that it doesn't click. */
const EDGE_S = 0.005;
/** Two overtones, a third and a fifth as loud, make low notes audible on small loudspeakers. */
const OVERTONES = [0, 1, 0, 1 / 3, 0, 1 / 5];

export class Sounds {
  #waiting = new Set();
  #timer = 0;
  #playing = { tone: "none", until: 0, oscillators: [] };

  /** `volume` is 0 to 1. `onChange()` is called when sound becomes allowed or forbidden. */
  constructor(volume, onChange) {
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.context.addEventListener("statechange", onChange);
    this.gain = this.context.createGain();
    this.gain.connect(this.context.destination);
    this.wave = this.context.createPeriodicWave(new Float32Array(OVERTONES.length), new Float32Array(OVERTONES));
    this.setVolume(volume);
  }

  /** Whether the browser lets the page play sounds. */
  get isAllowed() {
    return this.context.state === "running";
  }

  /** Ask the browser to allow sound; it does so only after a touch or a key. */
  allow() {
    if (!this.isAllowed) {
      this.context.resume().catch(() => {});
    }
  }

  /** 0: silent; 1: full volume. */
  setVolume(volume) {
    this.volume = volume;
    this.gain.gain.value = volume ** 2;
  }

  /** Play the sounds of an event. If there are many at once, only the most urgent is played: no backlog. */
  hear(...tones) {
    tones.filter((tone) => tone in TONES).forEach((tone) => this.#waiting.add(tone));
    if (this.#waiting.size > 0 && this.#timer === 0) {
      this.#timer = setTimeout(() => this.#flush(), GATHER_MS);
    }
  }

  #flush() {
    this.#timer = 0;
    const tone = URGENCY.find((each) => this.#waiting.has(each));
    const left = this.#playing.until - this.context.currentTime;
    if (left > 0 && isBelow(tone, this.#playing.tone)) {
      this.#timer = setTimeout(() => this.#flush(), left * 1000);
      return;
    }
    this.#waiting.clear();
    if (this.isAllowed) {
      this.play(tone);
    }
  }

  /** Play a sound at once; one that is still playing is cut off. */
  play(tone) {
    this.#playing.oscillators.forEach((oscillator) => oscillator.stop());
    let at = this.context.currentTime;
    const oscillators = [];
    for (const [frequency, length] of TONES[tone]) {
      if (frequency > 0) {
        oscillators.push(this.#note(frequency, at, length));
      }
      at += length;
    }
    this.#playing = { tone, until: at, oscillators };
  }

  #note(frequency, at, length) {
    const { context } = this;
    const oscillator = new OscillatorNode(context, { frequency, periodicWave: this.wave });
    const swell = new GainNode(context, { gain: 0 });
    swell.gain.setValueAtTime(0, at);
    swell.gain.linearRampToValueAtTime(0.8, at + EDGE_S);
    swell.gain.setValueAtTime(0.8, at + length - EDGE_S);
    swell.gain.linearRampToValueAtTime(0, at + length);
    oscillator.connect(swell).connect(this.gain);
    oscillator.start(at);
    oscillator.stop(at + length);
    return oscillator;
  }
}

/** Whether a tone is at most as urgent as another, so that it can wait until that one is over. */
function isBelow(tone, other) {
  return URGENCY.indexOf(tone) >= URGENCY.indexOf(other);
}
