// Connects the parts: shows and plays what the station reports, and sends what is typed and touched.

import { Asking } from "/page/js/asking.js";
import { Banner } from "/page/js/banner.js";
import { bannerContent } from "/page/js/banner_content.js";
import { makeActions, makeMethods, showActions, showMode } from "/page/js/controls.js";
import { Details } from "/page/js/details.js";
import { byId, el, loadIcons } from "/page/js/dom.js";
import { Field } from "/page/js/field.js";
import { showHeading } from "/page/js/heading.js";
import { History } from "/page/js/history.js";
import { watchKeys } from "/page/js/keys.js";
import { get } from "/page/js/link.js";
import { showCounts, showDocuments, showLines } from "/page/js/lists.js";
import { Live } from "/page/js/live.js";
import { Model } from "/page/js/model.js";
import { showReading } from "/page/js/reading.js";
import { Sender } from "/page/js/sender.js";
import { Settings, chosenLanguage, storedVolume } from "/page/js/settings.js";
import { Sounds } from "/page/js/sound.js";
import { loadTexts } from "/page/js/texts.js";

await Promise.all([loadTexts(chosenLanguage()), loadIcons()]);

const model = new Model();
const sounds = new Sounds(storedVolume(), showSound);
const sender = new Sender(notSent, show);
const scan = (text) => send(text, () => sender.scan(text));
const give = (command) => send(command, () => sender.command(command));
const line = new Field(byId("text"), scan);
const asking = new Asking(byId("asking"), { answer: give, scan, line });
const details = new Details(byId("details"), give);
const settings = new Settings(byId("settings"), sounds);
const banner = new Banner(byId("banner"));
const history = new History(byId("history"));
const actions = makeActions({ give, toggle, details: () => details.open(), settings: () => settings.open() });
/** The panel in the lower half: "history", "reading", or "" for the document. */
let panel = "";

/** Send, unless the page is not live: then the worker sees at once that nothing was sent. */
function send(text, post) {
  if (model.lost !== null) {
    notSent(text, model.lost.reason);
    return;
  }
  model.notSent = [];
  post();
  show();
}

function notSent(text, reason) {
  model.notSent = [...model.notSent, { text, reason }];
  sounds.hear("refused");
  show();
}

/** Forget what was not sent: the worker has seen it. */
function forget() {
  model.notSent = [];
  show();
}

function toggle(name) {
  panel = panel === name ? "" : name;
  show();
}

// From the station

const live = new Live({
  onState(state, isWhole) {
    const before = model.state?.history_asked ?? state.history_asked;
    const change = model.takeState(state, isWhole);
    if (change === null) {
      return false;
    }
    // A restarted station counts from zero again.
    panel = state.history_asked > before ? "history" : panel;
    sounds.hear(...change.tones);
    show();
    return change.wantsAll;
  },
  onRows(rows) {
    sounds.hear(...model.takeRows(rows));
    show();
  },
  onLost(reason) {
    if (model.lost === null) {
      sounds.hear("refused");
    }
    model.takeLoss(reason);
    show();
  },
  onUnwell(reason) {
    if (reason !== model.unwell) {
      model.unwell = reason;
      show();
    }
  },
});

// To the screen

function show() {
  const view = bannerContent(model, sender.underWay);
  const total = Object.values(model.state?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  if (banner.show(view, model.isStale ? 0 : total)) {
    speak(view, total);
  }
  document.body.classList.toggle("stale", model.isStale);
  showHeading(model);
  showMode(model);
  showActions(model, actions);
  showCounts(model);
  details.show(model);
  asking.show(model.isStale ? null : model.state.question, view);
  showLower();
}

function showLower() {
  const shown = panel || (model.state?.document ? "lines" : "documents");
  document.body.dataset.panel = shown;
  for (const name of ["lines", "documents", "history", "reading"]) {
    byId(name).hidden = name !== shown;
  }
  for (const each of document.querySelectorAll("#actions [data-panel]")) {
    each.ariaExpanded = String(each.dataset.panel === panel);
  }
  if (shown === "history") {
    history.show(model.entries);
  } else if (shown === "reading") {
    showReading(model);
  } else if (shown === "lines") {
    showLines(model);
  } else if (!model.isStale) {
    fetchDocuments();
  }
}

/** Fetch and show the open documents; called on every change while no document is open here. */
async function fetchDocuments() {
  try {
    const { documents } = await get("/api/v1/documents?limit=1000");
    const isOpen = ({ status }) => status === "open" || status === "backorder";
    showDocuments(documents.filter(isOpen), (number) => give(`open ${number}`));
  } catch {
    // Keep the old list; a lost connection is reported elsewhere.
  }
}

function showSound() {
  byId("sound-on").hidden = sounds.isAllowed;
}

/** Announce the outcome to screen readers; a leading number makes a repeated outcome a different text. */
function speak({ word, serial, lines, about }, total) {
  const text = [word, serial, ...lines, about].filter(Boolean).join(", ");
  byId("spoken").replaceChildren(el("p", {}, total > 0 ? `${total}. ${text}` : text));
}

// From the worker

/** Whether something was scanned for the next unit. */
function hasUpcoming() {
  return Object.values(model.state?.upcoming ?? {}).some((value) => value !== null);
}

/** Text that is typed outside of any field is a label: it must not go to a dialog. */
function closeDialogs() {
  settings.dialog.close();
  details.dialog.close();
}

function withdraw() {
  if (settings.dialog.open || details.dialog.open) {
    return false;
  }
  if (asking.isOpen) {
    asking.withdraw();
  } else if (model.notSent.length > 0) {
    forget();
  } else if (line.empty() === "" && (model.state?.mode || hasUpcoming())) {
    give("cancel");
  }
  return true;
}

makeMethods(give);
byId("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  line.enter();
});
byId("banner").addEventListener("click", forget);
for (const gesture of ["pointerdown", "keydown"]) {
  document.addEventListener(gesture, () => sounds.allow(), { capture: true });
}
watchKeys(
  () => (asking.isOpen ? asking.field : line),
  closeDialogs,
  {
    Escape: withdraw,
    F2: () => toggle("history"),
    F3: () => give("detach"),
    F4: () => give("undo"),
    F5: () => give("range"),
    F6: () => give("mfg"),
    F7: () => toggle("reading"),
    F8: () => actions.save.press(),
    F9: () => actions.close.press(),
  },
);
showSound();
show();
live.start();
