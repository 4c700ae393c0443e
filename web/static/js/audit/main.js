// The inspector's desk: who is there, which tab, which finding.

import "../../words/audit.js";
import { startAccount } from "../account.js";
import { byId, say as tell, setText } from "../dom.js";
import { startLanguage, t } from "../i18n.js";
import { askLong } from "../jobs.js";
import { change, startView, view, whenMoved } from "../view.js";
import { openBulletin, startBulletin } from "./bulletin.js";
import * as chart from "./chart.js";
import { openDatum } from "./datum.js";
import { focusDetail, showFinding, showTold, startDetail, writeDetail } from "./detail.js";
import { drawList, load, markRow, rowOf, startList, writeFilters, writeList } from "./list.js";
import { openRound, startRound } from "./round.js";
import { enter, may, nameOfMe, session } from "./session.js";
import { showTab, startTabs } from "./tabs.js";
import { openTwins } from "./twins.js";
import { DEFAULTS, keyOf } from "./view.js";

const OPEN = { round: openRound, twins: openTwins, datum: openDatum, bulletin: openBulletin };
const PARTS = ["starting", "closed", "refused", "broken", "desk"];
let updating = null; // what ends the update under way

startView(DEFAULTS);
startLanguage(write);
startAccount();
byId("again").addEventListener("click", start);
byId("update").addEventListener("click", () => update(""));
byId("cancel").addEventListener("click", () => updating?.abort());
startTabs((name) => openTab(name));
startList(choose);
startDetail({ back, openTab, record: update, taken, overtaken });
startRound();
startBulletin();
whenMoved(() => {
  writeFilters();
  openTab(view.tab, { step: null });
  load();
});
start();

async function start() {
  show("starting");
  try {
    const how = await enter();
    const next = `/signin?next=${encodeURIComponent(`${location.pathname}${location.search}`)}`;
    byId("sign-in-here").href = next;
    show(how === "open" ? "desk" : how);
    write();
    if (how !== "open") return;
    byId("update").hidden = !may("inspector");
    openTab(view.tab, { step: null });
    await load();
  } catch (error) {
    setText(byId("broken-why"), t("didNot", { why: error.message }));
    show("broken");
  }
}

function show(part) {
  for (const id of PARTS) byId(id).hidden = id !== part;
  byId("main").setAttribute("aria-busy", String(part === "starting"));
}

// Write everything in the page's language.
function write() {
  if (!session.me || session.me.role === "public") return;
  setText(byId("who"), t("signedIn", { name: nameOfMe(), area: areaName() }));
  writeFilters();
  writeList();
  writeDetail();
  OPEN[view.tab]?.({ again: true });
}

function areaName() {
  return session.me.area_name || session.me.area || t("everywhere");
}

// Open a tab; `step`: by somebody's hand, to be gone back from.
function openTab(name, { step = true } = {}) {
  if (step !== null) change({ tab: name }, { step });
  showTab(name);
  byId("map").hidden = name === "bulletin";
  if (name === "findings") drawList({ fit: true });
  else {
    chart.home(session.me.area);
    OPEN[name]({});
  }
}

// Show a finding; with `step`, as somebody chose it.
function choose(finding, { step = false } = {}) {
  if (step) change({ finding: keyOf(finding), tab: "findings" }, { step: true });
  const numbered = /^\d+$/.test(view.finding) ? Number(view.finding) : null;
  showTab(view.tab);
  showFinding(finding, finding ? finding.finding : numbered);
  markRow();
  if (view.tab !== "findings") return;
  drawList();
  if (step) focusDetail();
  else rowOf(view.finding)?.scrollIntoView({ block: "nearest" });
}

function back() {
  const key = view.finding;
  change({ finding: "" }, { step: true });
  choose(null);
  rowOf(key)?.focus();
}

// A step was taken: show what the server says now, in the detail and in the list.
async function taken(told) {
  change({ finding: String(told.finding.finding) });
  showTold(told);
  focusDetail();
  await load();
  tell(byId("summary"), `${t("recorded")} ${byId("summary").textContent}`);
}

async function overtaken(text) {
  await load();
  tell(byId("summary"), text, { failed: true });
}

// Audit anew and record, all rules or one; then show the list, and what was shown before.
async function update(rule) {
  updating?.abort();
  const mine = (updating = new AbortController());
  const { finding } = view;
  byId("update").disabled = true;
  byId("job").hidden = false;
  try {
    stage({ progress: { stage: "" } });
    const { audit } = await askLong("findings/update", { standard: view.standard, rule }, mine.signal, stage);
    const told = await load();
    const now = told?.findings.find((each) => [keyOf(each), keyOf({ ...each, finding: null })].includes(finding));
    if (now) choose(now, { step: true });
    tell(byId("summary"), `${t("updated", audit)} ${byId("summary").textContent}`);
  } catch (error) {
    if (error.name !== "AbortError") tell(byId("summary"), t("didNot", { why: error.message }), { retry: { label: t("retry"), run: () => update(rule) } });
  } finally {
    if (mine === updating) {
      byId("update").disabled = false;
      byId("job").hidden = true;
    }
  }
}

function stage({ progress }) {
  setText(byId("stage"), t({ judge: "judge", record: "recording" }[progress.stage] ?? "queued"));
}
