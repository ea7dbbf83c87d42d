// Shows step by step how the last label was read, so that IT can see it at the dock.

import { byId, el } from "/page/js/dom.js";
import { escaped } from "/page/js/escape.js";
import { clockTime, t } from "/page/js/texts.js";

/** Show the newest label's steps. */
export function showReading({ state }) {
  const label = state?.label ?? null;
  if (label === null) {
    byId("reading").replaceChildren(el("p.empty", {}, t("Nothing was scanned yet")));
    return;
  }
  const { at, scanner, text, symbology_identifier: identifier, steps } = label;
  const scanned = t("Scanned {time} by {scanner}", { time: clockTime(at), scanner });
  const pairs = steps.flatMap(({ step, found }) => [el("dt", {}, escaped(step)), el("dd", {}, escaped(found))]);
  byId("reading").replaceChildren(
    el("h2", {}, scanned, identifier ? ` (${escaped(identifier)})` : ""),
    el("p.code", {}, text === null ? "" : escaped(text)),
    el("dl", {}, ...pairs),
  );
}
