// The list of gaps on paper: who is too far.

import { nearestText, siteClass, siteMark, siteState, workersText } from "./sitecards.js";
import { make } from "./dom.js";
import { limitText, number, t } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { syntheticMark } from "./signs.js";
import { showSite } from "./sites.js";

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

function item(id, state, ...parts) {
  const open = () => {
    closeSheet();
    showSite(String(id));
  };
  const mark = make("span", { class: `swatch site ${state}`, "aria-hidden": "true" });
  return make("li", {}, make("button", { type: "button", class: "row", onclick: open }, mark, ...parts));
}
