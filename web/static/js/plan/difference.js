// Before and after the suppositions: figures, causes, areas and sites that change.

import { byId, make, setText } from "../dom.js";
import { number, percent, t, whenLanguage } from "../i18n.js";
import { whenAsked } from "../state.js";
import { change, shortName } from "./figures.js";
import { answer, areaRows, siteShares, whenMeasured } from "./measure.js";
import { areaTouched, siteTouched } from "./reveal.js";

const MOST = 20; // areas, and sites, that are named
const CAUSES = ["no_station", "closed", "unknown", "amenity", "trust"];
const LEAST = 0.0005; // a share that is said to have changed

export function startDifference() {
  whenMeasured(write);
  whenAsked(write, "hour");
  whenLanguage(write);
}

function write() {
  const then = answer?.then;
  byId("difference").hidden = !then;
  if (!then) return;
  byId("difference-table").replaceChildren(...table(answer.coverage, then.coverage));
  byId("difference-areas").replaceChildren(...changedAreas());
  const sites = changedSites();
  setText(byId("difference-sites-title"), t("changedSites", { n: number(sites.length) }));
  byId("difference-sites").replaceChildren(...sites.slice(0, MOST).map(siteLine));
}

function table(now, then) {
  const share = change(now.total.share, then.total.share);
  const of = ({ total }) => (step) => (total.worker_hours ? percent(step(total) / total.worker_hours) : "–");
  const figures = [
    [t("step_paper"), (total) => total.steps.paper],
    ...CAUSES.map((cause) => [t(`cause_${cause}`), (total) => total.lost[cause]]),
  ];
  const unit = t(now.method.share_of === "worker-hours" ? "workerHours" : "siteHours");
  const gained = then.total.steps.trust - now.total.steps.trust;
  const heads = ["", t("today"), t("withChanges")].map((text) => make(text ? "th" : "td", text ? { scope: "col" } : {}, text));
  const row = (head, a, b, name = "") => make("tr", { class: name }, make("th", { scope: "row" }, head), make("td", { class: "number" }, a), make("td", { class: "number" }, b));
  return [
    make("caption", {}, t("differenceTitle")),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {},
      row(t("real"), share.before, make("span", {}, share.after, " ", make("small", {}, share.points)), "main"),
      row(unit, number(now.total.steps.trust), make("span", {}, number(then.total.steps.trust), " ", make("small", {}, `${gained > 0 ? "+" : ""}${number(gained)}`))),
      ...figures.map(([head, step]) => row(head, of(now)(step), of(then)(step)))),
  ];
}

function changedAreas() {
  const before = new Map(areaRows("real").map((row) => [row.code, row.share]));
  return areaRows("then")
    .map((row) => ({ ...row, before: before.get(row.code), moved: (row.share ?? 0) - (before.get(row.code) ?? 0) }))
    .filter(({ moved }) => Math.abs(moved) >= LEAST)
    .sort((a, b) => Math.abs(b.moved) - Math.abs(a.moved))
    .slice(0, MOST)
    .map((row) => line(shortName(row.name), row.before, row.share, () => areaTouched(row.code)));
}

// Sites whose share changes, those most of all first: [id, before, after].
export function changedSites() {
  if (!answer?.then) return [];
  const before = siteShares("real");
  return [...siteShares("then")]
    .map(([id, after]) => [id, before.get(id), after])
    .filter(([, a, b]) => Math.abs((b ?? 0) - (a ?? 0)) >= LEAST)
    .sort((a, b) => Math.abs((b[2] ?? 0) - (b[1] ?? 0)) - Math.abs((a[2] ?? 0) - (a[1] ?? 0)) || (a[0] < b[0] ? -1 : 1));
}

function siteLine([id, before, after]) {
  const site = answer.sites.features.find((feature) => String(feature.id) === id);
  return line(site?.properties.name ?? id, before, after, () => siteTouched(id));
}

function line(name, before, after, onclick) {
  const told = change(before, after);
  return make("li", {}, make("button", { type: "button", class: "row pair", onclick }, make("span", { class: "name" }, name), make("span", { class: "far" }, `${told.before} → ${told.after}`)));
}
