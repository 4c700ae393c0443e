// What an answer of `nearest` comes to, in a line or two, and what to ask instead of an empty one.

import { make } from "./dom.js";
import { clockText, number, t, titled } from "./i18n.js";
import { ask, state } from "./state.js";

// `at`: when one sets out, as a clock shows it; "" now.
export function answerText({ stations, why_none: why }, { at }) {
  return stations.length ? foundText(stations, at) : titled(why) + t("stop");
}

function foundText(stations, at) {
  return [
    t("nearCount", { n: number(stations.length) }),
    at && t("nearThen", { time: clockText(at) }),
    stations.some(({ estimated }) => estimated) && t("nearEstimated"),
  ].filter(Boolean).map((part) => part + t("stop")).join("").trim();
}

// A button that asks for less where that may find something: for shut doors too, or any facilities.
export function wayOut({ stations, why_none: why }, { open }) {
  if (stations.length) return null;
  if (why.code === "shut" && open !== "any") return askFor("showShut", { open: "any", night: false });
  if (why.code === "none_fits" && state.needs.size) return askFor("anyNeeds", { needs: new Set() });
  return null;
}

function askFor(word, change) {
  return make("button", { type: "button", class: "plain", onclick: () => ask(change) }, t(word));
}
