// Server-sent events (HTML standard, 9.2.6), read as a stream: the browser's own EventSource reports neither the
// comments that keep it alive, nor why it failed.

/** Batches of events {type, data, id} as they arrive; a comment, which only keeps it alive, is an empty batch. */
export async function* eventBatches(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      yield blocks.map(eventOf).filter((event) => event.data || event.id !== null);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(block) {
  const event = { type: "message", data: "", id: null };
  for (const line of block.split("\n")) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name === "data") {
      event.data += value;
    } else if (name === "event") {
      event.type = value;
    } else if (name === "id") {
      event.id = value;
    }
  }
  return event;
}
