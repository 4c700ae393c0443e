// What a visit did, as the server told when it took it.

import { make } from "../dom.js";
import { distance, number, percent, t, titled } from "../i18n.js";
import { findingText } from "./stationhead.js";

// What a visit does to findings, in the order told; words for each are `step_` and its name.
const STEPS = ["open", "reopen", "confirm", "verify", "gone", "settle", "back", "return", "move"];

export function resultParts({ result }) {
  const { findings, left, photos } = result;
  const facts = [
    t("trustNow", { share: percent(Math.round(result.trust * 100) / 100) }),
    photos.length ? t("photosSent", { n: number(photos.length) }) : "",
  ].filter(Boolean);
  const lists = STEPS.map((step) => [step, findings.filter((each) => each.step === step)]).filter(([, each]) => each.length);
  return [
    make("p", {}, facts.join(" · ")),
    away(result),
    ...lists.map(([step, each]) => effect(t(`step_${step}`, { n: number(each.length) }), each.map(findingText))),
    left.length ? effect(t("leftAlone", { n: number(left.length) }), left.map((each) => t("findingNumber", { number: each.number, text: titled(each) }))) : null,
  ].filter(Boolean);
}

function away({ distance_m: metres, far }) {
  if (metres == null) return null;
  return make("p", { class: far ? "failed" : null }, t(far ? "tooFarFromPin" : "farFromPin", { distance: distance(metres) }));
}

function effect(title, lines) {
  return make("div", { class: "effect" }, make("p", {}, title), make("ul", {}, ...lines.map((line) => make("li", {}, line))));
}
