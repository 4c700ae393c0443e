// The list of gaps in truth: when, why, and what would help most; each moves the map.

import { byId, make, say } from "../dom.js";
import { gapsText } from "../gaps.js";
import { distance, number, percent, t, whenLanguage } from "../i18n.js";
import { nearestText, siteMark, workersText } from "../sitecards.js";
import { shareClass } from "../sites.js";
import { ask } from "../state.js";
import { answer, whenMeasured } from "./measure.js";
import { siteTouched } from "./reveal.js";
import { suppose } from "./suppose.js";

// What each kind of advice is as a supposition.
const FIXES = {
  extend_hours: (id) => `station:${id} open`,
  find_hours: (id) => `station:${id} open`,
  add: (id) => `station:${id} equipped`,
  confirm: (id) => `station:${id} trust 1`,
};

export function startGaps() {
  whenMeasured(write);
  whenLanguage(write);
}

function write() {
  say(byId("gaps-status"), answer ? gapsText(answer.gaps, answer.coverage.method) : "");
  byId("gap-list").replaceChildren(...(answer ? answer.gaps.features.map((gap) => realGap(gap, answer.coverage.method)) : []));
}

function realGap({ id, properties: gap }, method) {
  const real = 1 - gap.lost / gap.present;
  const open = make(
    "button",
    { type: "button", class: "row", onclick: () => siteTouched(String(id)) },
    make("span", { class: `swatch site ${shareClass(real)}`, "aria-hidden": "true" }),
    make("span", { class: "name" }, gap.name),
    make("span", { class: "far" }, t("lostShare", { share: percent(gap.lost / gap.present) })),
    make("span", { class: "quiet" }, workersText(gap), t("comma"), t(method.share_of === "worker-hours" ? "lostHours" : "lostSiteHours", { n: number(gap.lost) })),
    make("span", { class: "quiet" }, make("strong", {}, inLanguage(gap, "hours")), " ", inLanguage(gap, "cause")),
    make("span", { class: "quiet" }, nearestText(gap, method), " ", siteMark(gap, method)),
    usable(gap),
    make("span", { class: "quiet advice" }, t("advice", { text: inLanguage(gap, "advice") })),
  );
  return make("li", {}, open, tryIt(gap));
}

// What would help most, to be supposed; where no single step helps, a plan is asked for.
function tryIt({ fix, fix_id: station, fix_name: fixed, name }) {
  const change = FIXES[fix]?.(station);
  if (!change) return make("button", { type: "button", class: "plain small", "aria-label": `${t("tryPlan")}: ${name}`, onclick: () => ask({ tab: "plan" }) }, t("tryPlan"));
  return make("button", { type: "button", class: "plain small", "aria-label": `${t("tryIt")}: ${name}`, onclick: () => suppose(change, fixed) }, t("tryIt"));
}

function usable(gap) {
  const text = gap.usable_id ? t("usableThen", { name: gap.usable_name, way: usableWay(gap) }) : t("usableNone");
  return gap.usable_id && gap.usable_id === gap.nearest_id ? null : make("span", { class: "quiet" }, text);
}

// Minutes where they were asked for, and whether they are an estimate; else metres.
function usableWay(gap) {
  const straight = t("usableStraight", { distance: distance(gap.usable_m) });
  if (gap.usable_min == null) return straight;
  const time = t(gap.usable_estimated ? "minutesAbout" : "minutes", { n: number(Math.max(1, Math.round(gap.usable_min))) });
  return `${time}${t("comma")}${straight}`;
}

function inLanguage(gap, part) {
  return gap[`${part}_${document.documentElement.lang === "en" ? "en" : "zh"}`];
}
