// The register's page: who is there, which tab, which station.

import "../../words/register.js";
import { startAccount } from "../account.js";
import * as chart from "../audit/chart.js";
import { enter, may, nameOfMe, session } from "../audit/session.js";
import { showTab, startTabs } from "../audit/tabs.js";
import { byId, setText } from "../dom.js";
import { both, startLanguage, t } from "../i18n.js";
import { loadRegister, register } from "../register.js";
import { change, startView, view, whenMoved } from "../view.js";
import { openActivities, startActivities } from "./activities.js";
import { clearForm, holds, isUnsaved, leave, openNew, openStation, startForm } from "./form.js";
import { fillFilters, load, markRow, rowOf, startList } from "./list.js";
import { openRevisions, startRevisions } from "./revisions.js";
import { drawUpload, startUpload } from "./upload.js";

const PARTS = ["starting", "closed", "refused", "broken", "desk"];

startView({ tab: "stations", station: "" });
startLanguage();
startAccount();
byId("again").addEventListener("click", start);
byId("new-station").addEventListener("click", () => leave(() => {
  change({ station: "" }, { step: true });
  markRow("");
  openNew();
}));
startTabs((name) => openTab(name));
startList((id) => choose(id, { step: true }));
startForm({ saved, back, plan: (at) => openTab("activities", { at }) });
startUpload(() => load());
startActivities();
startRevisions(() => load());
whenMoved(() => openTab(view.tab, { step: null }));
addEventListener("beforeunload", (event) => {
  if (isUnsaved()) event.preventDefault();
});
start();

async function start() {
  show("starting");
  try {
    const [how] = await Promise.all([enter(), loadRegister()]);
    byId("sign-in-here").href = `/signin?next=${encodeURIComponent(`${location.pathname}${location.search}`)}`;
    show(how === "open" ? "desk" : how);
    if (how !== "open") return;
    byId("who").replaceChildren(...both("regSignedIn", { name: nameOfMe(), area: session.me.area_name || session.me.area || t("regEverywhere") }));
    byId("new-station").hidden = !may("editor");
    for (const name of ["upload", "revisions"]) byId(`tab-${name}`).hidden = !may("editor");
    if (!may("editor") && ["upload", "revisions"].includes(view.tab)) change({ tab: "stations" });
    fillFilters();
    chart.home(session.me.area);
    byId("synthetic").hidden = !register.synthetic;
    await load();
    openTab(view.tab, { step: null });
    byId("main").setAttribute("aria-busy", "false");
  } catch (error) {
    setText(byId("broken-why"), t("failed", { why: error.message }));
    show("broken");
  }
}

function show(part) {
  for (const id of PARTS) byId(id).hidden = id !== part;
  byId("main").setAttribute("aria-busy", String(part === "starting" || part === "desk"));
}

function openTab(name, { step = true, at = null } = {}) {
  if (step !== null) change({ tab: name }, { step });
  showTab(name);
  byId("map").hidden = name === "activities" || name === "revisions";
  if (name === "stations") choose(view.station);
  else if (name === "upload") drawUpload();
  else if (name === "activities") openActivities({ at });
  else openRevisions();
}

// Show a station's form, or none; what is written and not saved is not left without asking.
function choose(id, { step = false } = {}) {
  if (holds(id)) return;
  const held = leave(() => {
    change({ station: id, tab: "stations" }, { step });
    markRow(id);
    if (id) openStation(id, { focus: step });
    else clearForm();
  });
  if (held !== null && !step) change({ station: held }); // gone back from: the address stays the form's
}

async function saved({ id, revision }) {
  change({ station: id });
  await load();
  markRow(id);
  await openStation(id, { focus: true, said: both("regSaved", { revision }) });
}

function back() {
  const { station } = view;
  leave(() => {
    change({ station: "" }, { step: true });
    clearForm();
    rowOf(station)?.focus();
  });
}
