// Pauses that can be cut short.

const waiting = new Set();

/** Resolves after `ms`, or when `endPauses` is called. */
export function pause(ms) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    waiting.add(end);
  });
}

/** End all pauses: the machine has woken up, or is on the network again. */
export function endPauses() {
  for (const end of [...waiting]) {
    end();
  }
}
