// The list of gaps: on paper who is too far, in truth also when, why, and what would help most.

import { nearestText, siteClass, siteMark, siteState, workersText } from "./cards.js";
import { make } from "./dom.js";
import { distance, limitText, number, percent, t } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { syntheticMark } from "./signs.js";
import { shareClass, showSite } from "./sites.js";

export function gapsText(gaps, method) {
  const n = number(gaps.numberMatched);
  if (!gaps.numberMatched) return t("gapsNone", { within: limitText(method) });
  return gaps.numberReturned < gaps.numberMatched ? t("gapsShown", { n, shown: number(gaps.numberReturned) }) : t("gapsCount", { n });
}

export function paperGap({ id, properties: site }, method) {
  const left = site.workers == null ? workersText(site) : t("workersLeft", { n: number(site.workers - site.workers_covered) });
  return item(
    id,
    siteClass(site),
    make("span", { class: "name" }, site.name),
    make("span", { class: "far" }, siteState(site)),
    make("span", { class: "quiet" }, left, " ", syntheticMark(site)),
    make("span", { class: "quiet" }, nearestText(site, method), " ", siteMark(site, method)),
  );
}

export function realGap({ id, properties: gap }, method) {
  const real = 1 - gap.lost / gap.present;
  return item(
    id,
    shareClass(real),
    make("span", { class: "name" }, gap.name),
    make("span", { class: "far" }, t("lostShare", { share: percent(gap.lost / gap.present) })),
    make("span", { class: "quiet" }, workersText(gap), t("comma"), t(method.share_of === "worker-hours" ? "lostHours" : "lostSiteHours", { n: number(gap.lost) })),
    make("span", { class: "quiet" }, make("strong", {}, inLanguage(gap, "hours")), " ", inLanguage(gap, "cause")),
    make("span", { class: "quiet" }, nearestText(gap, method), " ", siteMark(gap, method)),
    usable(gap),
    make("span", { class: "quiet advice" }, t("advice", { text: inLanguage(gap, "advice") })),
  );
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

function item(id, state, ...parts) {
  const open = () => {
    closeSheet();
    showSite(String(id));
  };
  const mark = make("span", { class: `swatch site ${state}`, "aria-hidden": "true" });
  return make("li", {}, make("button", { type: "button", class: "row", onclick: open }, mark, ...parts));
}
