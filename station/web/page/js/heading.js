// The heading: document and progress, operator and station, and the health of scanners and database.

import { byId, el, icon, setText } from "/page/js/dom.js";
import { cell, escaped } from "/page/js/escape.js";
import { clockTime, t } from "/page/js/texts.js";

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
  setText(byId("who"), who(state));
  const parts = [databasePart(state.database), ...state.scanners.map(scannerPart)];
  byId("health").replaceChildren(...parts.filter(({ isWell }) => isWell).map(chip));
  if (state.scanners.length === 0) {
    byId("health").append(el("li.none", {}, t("no scanner is configured")));
  }
  showWrong(parts.filter(({ isWell }) => !isWell));
}

function about({ kind, customer, status }) {
  const kinds = { credit_memo: t("credit memo"), credit_order: t("credit order") };
  const statuses = { saved: t("saved"), cancelled: t("cancelled") };
  const noted = status in statuses ? ` (${statuses[status]})` : "";
  return `${kinds[kind] ?? kind}${noted}${customer ? ` · ${cell(customer)}` : ""}`;
}

function showProgress(shown) {
  const expected = (shown?.lines ?? []).filter((line) => !line.negative && !line.added);
  const sum = (name) => expected.reduce((total, line) => total + line[name], 0);
  const [credited, requested] = [sum("credited"), sum("requested")];
  const progress = t("{credited} of {requested} requested units credited", { credited, requested });
  setText(byId("progress"), shown === null ? "" : progress);
  byId("bar").hidden = shown === null || requested === 0;
  byId("bar").max = Math.max(1, requested);
  byId("bar").value = Math.max(0, Math.min(credited, requested));
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
