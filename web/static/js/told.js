// What an answer of `nearest` comes to, in a line or two.

import { clockText, number, t, titled } from "./i18n.js";

// `at`: when one sets out, as a clock shows it; "" now. `open`: as it was asked.
export function answerText({ stations, why_none: why }, { at, open }) {
  if (stations.length) return foundText(stations, at);
  if (why?.code === "no_way") return titled(why) + t("stop");
  return t(open === "any" ? "nearNone" : "nearNoneOpen");
}

function foundText(stations, at) {
  return [
    t("nearCount", { n: number(stations.length) }),
    at && t("nearThen", { time: clockText(at) }),
    stations.some(({ estimated }) => estimated) && t("nearEstimated"),
  ].filter(Boolean).map((part) => part + t("stop")).join("").trim();
}

// Whether the shut ones, too, are worth offering.
export function mayBeShut({ stations, why_none: why }, { open }) {
  return !stations.length && why?.code !== "no_way" && open !== "any";
}
