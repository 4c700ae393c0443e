// The figures beside the map: from paper to real and why, areas, who and what is not there, files.

import { areaClass } from "../areas.js";
import { byId, make, setText } from "../dom.js";
import { number, percent, t, whenLanguage } from "../i18n.js";
import { register } from "../register.js";

import { ask, state, whenAsked } from "../state.js";
import { showDownloads } from "./downloads.js";
import { answer, areaRows, shown, whenMeasured } from "./measure.js";
import { areaTouched, siteTouched } from "./reveal.js";
import { showTrend, spreadParts } from "./spread.js";
import { truthMethod, truthParts, truthRow, waterfall } from "./truth.js";
import { hourText } from "./week.js";

const NAMED = 30; // sites and stations that are not there

export function startFigures() {
  byId("since").addEventListener("change", ({ target }) => ask({ since: target.value }));
  whenMeasured(write);
  whenAsked(write, "view");
  whenAsked(writeRows, "hour");
  whenAsked(writeSince, "since");
  whenLanguage(write);
}

function write() {
  const known = shown();
  byId("results").hidden = !known;
  showDownloads(known);
  if (!known) return;
  const { coverage } = known;
  if (coverage.synthetic) byId("synthetic").hidden = false;
  byId("total").replaceChildren(...truthParts(coverage));
  byId("waterfall").replaceChildren(waterfall(coverage));
  setText(byId("method"), truthMethod(coverage.method));
  byId("spread-body").replaceChildren(...spreadParts(coverage));
  writeAway(known);
  writeRows();
  writeSince();
}

function writeSince() {
  byId("since").value = state.since;
  if (answer) showTrend(t(answer.coverage.method.share_of === "worker-hours" ? "workerHours" : "siteHours"));
}

// Sites whose dates, and mobile stations whose days, do not touch the week asked about.
function writeAway({ sitesWeek }) {
  const gone = new Set(sitesWeek.rows.filter(({ share }) => share.every((each) => each == null)).map(({ id }) => id));
  const sites = answer.sites.features.filter(({ id, properties: { from, until } }) => gone.has(String(id)) && (from || until));
  const { away } = sitesWeek;
  const days = ({ from, until }) => `${from ?? ""} – ${until ?? ""}`;
  const lines = [
    ...sites.slice(0, NAMED).map(({ id, properties }) => make("li", {}, make("button", { type: "button", class: "link", onclick: () => siteTouched(String(id)) }, properties.name), ` ${days(properties)}`)),
    ...away.slice(0, NAMED).map(({ name }) => make("li", {}, name, " ", make("span", { class: "quiet" }, t("standsNowhere")))),
  ];
  byId("away").hidden = !lines.length;
  setText(byId("away-title"), t("awayTitle", { sites: number(sites.length), stations: number(away.length) }));
  byId("away-list").replaceChildren(...lines);
}

function writeRows() {
  if (!answer) return;
  const rows = areaRows();
  setText(byId("rows-title"), state.view !== "paper" && state.hour != null ? t("byAreaAt", { time: hourText(state.hour) }) : t("byArea"));
  rows.sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || b.workers - a.workers);
  byId("rows").replaceChildren(...rows.map((row) => truthRow(row, shortName(row.name), row.share, { onclick: () => areaTouched(row.code) })));
}

// Where all is in one province, its name need not be said in every row.
export function shortName(name) {
  return register.provinces.length === 1 ? name.replace(/^.+?(?:省|自治区)(?=.)/, "") : name;
}

// A share before and after, as text.
export function change(before, after) {
  const points = before == null || after == null ? "" : t("points", { n: `${after >= before ? "+" : "−"}${number(Math.round(Math.abs(after - before) * 1000) / 10)}` });
  return { before: before == null ? "–" : percent(before), after: after == null ? "–" : percent(after), points };
}

export function swatch(share) {
  return make("span", { class: `swatch area ${areaClass({ share })}`, "aria-hidden": "true" });
}
