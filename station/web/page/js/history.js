// The session's history in the lower half, newest first. Each row is created once; a thousand rows scroll smoothly,
// as the browser skips those that are not visible.

import { outcomeType, subjectOf } from "/page/js/banner_content.js";
import { el, icon } from "/page/js/dom.js";
import { keyOf } from "/page/js/entries.js";
import { cell } from "/page/js/escape.js";
import { clockTime, t } from "/page/js/texts.js";

export class History {
  #rows = new Map();

  /** `element` is the section to fill. */
  constructor(element) {
    const titles = columns();
    this.body = el("div.body", { role: "rowgroup" });
    const heads = Object.entries(titles).map(([name, title]) => el(`span.${name}`, { role: "columnheader" }, title));
    const head = el("div.row.head", { role: "row" }, ...heads);
    this.empty = el("p.empty", {}, t("Nothing was scanned in this session yet"));
    element.append(el("div.table", { role: "table", "aria-label": t("History") }, head, this.body), this.empty);
  }

  /** Show these entries. */
  show(entries) {
    this.empty.hidden = entries.length > 0;
    const rows = new Map();
    let next = this.body.firstChild;
    for (const entry of entries) {
      const key = keyOf(entry);
      const row = this.#rows.get(key) ?? entryRow(entry);
      rows.set(key, row);
      if (row === next) {
        next = next.nextSibling;
      } else {
        this.body.insertBefore(row, next);
      }
    }
    while (next !== null) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
    this.#rows = rows;
  }
}

function columns() {
  return {
    time: t("Time"),
    action: t("Action"),
    serial: t("Serial number"),
    mfr: t("Mfr serial #"),
    item: t("Item"),
    description: t("Description"),
    area: t("Stock area"),
    operator: t("Operator"),
    scanner: t("Scanner"),
    reason: t("Reason"),
  };
}

function entryRow(entry) {
  const cells = {
    time: clockTime(entry.at),
    serial: subjectOf(entry),
    mfr: entry.mfr_serial_number,
    item: entry.item,
    description: entry.description,
    area: entry.stock_area,
    operator: entry.operator,
    scanner: entry.scanner,
    reason: [entry.reason, entry.note, entry.reason_code, entry.condition].filter(Boolean).join(" · "),
  };
  const { tone, icon: sign, word } = outcomeType(entry.action);
  const row = el(`div.row.${tone}`, { role: "row" });
  for (const [name, title] of Object.entries(columns())) {
    const shown = name === "action" ? [icon(sign), word] : [cell(cells[name])];
    row.append(el(`span.${name}`, { role: "cell", "data-title": title }, ...shown));
  }
  return row;
}
