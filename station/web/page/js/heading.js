// The heading: document and progress, operator and station, and the health of scanners and database.

import { byId, el, icon, setText } from "/page/js/dom.js";
import { cell, escaped } from "/page/js/escape.js";
import { clockTime, numeral, t } from "/page/js/texts.js";

const WELL = new Set(["connected", "finished"]);

/** Show document, operator, station and health. */
export function showHeading(model) {
  const { state } = model;
  if (state === null) {
    setText(byId("number"), t("Scanning station"));
    return;
  }
  const { document: shown } = state;
  byId("number").classList.toggle("open", shown !== null);
  setText(byId("number"), shown === null ? t("No document is open") : escaped(shown.number));
  setText(byId("about"), shown === null ? "" : about(shown));
  showProgress(shown);
  showUpcoming(state.upcoming);
  setText(byId("who"), who(state));
  const parts = [databasePart(state.database), ...state.scanners.map(scannerPart)];
  byId("health").replaceChildren(...parts.filter(({ isWell }) => isWell).map(chip));
  if (state.scanners.length === 0) {
    byId("health").append(el("li.none", {}, t("no scanner is configured")));
  }
  showWrong(parts.filter(({ isWell }) => !isWell));
}

function about({ kind, customer, reference, status }) {
  const noted = status === "open" ? "" : ` (${wordOfStatus(status)})`;
  return [`${wordOfKind(kind)}${noted}`, customer, reference].filter(Boolean).map(cell).join(" · ");
}

/** A document's kind. */
export function wordOfKind(kind) {
  const kinds = { credit_memo: t("credit memo"), credit_order: t("credit order") };
  return kinds[kind] ?? kind;
}

/** A document's status. */
export function wordOfStatus(status) {
  const statuses = { backorder: t("backorder"), saved: t("saved"), cancelled: t("cancelled") };
  return statuses[status] ?? status;
}

function showProgress(shown) {
  const { here, requested, too_many: tooMany } = shown?.progress ?? { here: 0, requested: 0, too_many: {} };
  const over = Object.values(tooMany).reduce((sum, count) => sum + count, 0);
  const parts = [
    t("{here} of {requested} are here", { here, requested }),
    over > 0 ? t("{count} too many", { count: over }) : "",
  ];
  setText(byId("progress"), shown === null ? "" : parts.filter(Boolean).join(", "));
  byId("bar").hidden = shown === null || requested === 0;
  byId("bar").max = Math.max(1, requested);
  byId("bar").value = here;
}

/** What was scanned for the next unit; it has a place of its own in the heading, as it holds until it is used. */
function showUpcoming({ quantity, reason_code: reason, condition }) {
  const given = [quantity === null ? "" : `${numeral(quantity)} ×`, reason, condition].filter(Boolean);
  byId("upcoming").hidden = given.length === 0;
  setText(byId("upcoming"), given.length === 0 ? "" : t("next unit: {given}", { given: given.map(cell).join("  ") }));
}

function who({ operator, station, location }) {
  const name = operator === null ? t("no operator") : t("operator {name}", { name: cell(operator.name) });
  const place = location ? t("{station} at {location}", { station, location: cell(location) }) : station;
  return `${name} · ${place}`;
}

function databasePart({ ok, detail }) {
  return { isWell: ok, text: ok ? t("database") : t("database: {detail}", { detail: escaped(detail) }) };
}

function scannerPart({ name, state, detail, since }) {
  const states = {
    connected: t("{name} connected", { name }),
    finished: t("{name} finished", { name }),
    disconnected: t("{name} disconnected since {time}", { name, time: clockTime(since) }),
    failed: t("{name} failed since {time}", { name, time: clockTime(since) }),
  };
  const isWell = WELL.has(state);
  const why = isWell || !detail ? "" : `: ${escaped(detail)}`;
  return { isWell, text: `${states[state] ?? name}${why}` };
}

function chip({ text }) {
  return el("li", {}, text);
}

function showWrong(parts) {
  byId("wrong").hidden = parts.length === 0;
  byId("wrong").replaceChildren(...parts.map(({ text }) => el("li", {}, icon("alert"), el("span", {}, text))));
}
