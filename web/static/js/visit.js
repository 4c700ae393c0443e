// What a visitor of one station wants to know: open, way in, how sure, how to get there.

import { make } from "./dom.js";
import { goButton, otherMaps } from "./go.js";
import { t, titled, wholePercent } from "./i18n.js";
import { term } from "./register.js";
import { reportMenu } from "./report.js";

// `station`: a hit of `nearest`, or one station as the API shows it (with `at`: as it is then);
// `more` comes last.
export function visitParts(station, ...more) {
  let trust = trustLine(station);
  const retell = (told) => {
    const line = trustLine({ ...station, ...told });
    trust.replaceWith(line);
    trust = line;
  };
  return [
    stateLine(station),
    chips(station.amenities),
    doorLine(station),
    trust,
    make("div", { class: "actions" }, goButton(station), otherMaps(station), reportMenu(station, retell)),
    ...more,
  ];
}

export function chips(codes) {
  if (!codes.length) return null;
  return make("ul", { class: "chips" }, ...codes.map((code) => make("li", {}, term("amenities", code))));
}

function stateLine(station) {
  const when = "minutes" in station ? "Then" : station.at ? "At" : "Now";
  const word = t(`door${when}_${station.open}`);
  const text = station.open_text ? titled(station.open_text) : "";
  return make("p", { class: "door-state" }, make("strong", { class: `opening ${station.open}` }, word), text && ` ${text}`);
}

function doorLine(station) {
  const asks = station.door_asks ?? [];
  const parts = [
    station.way_in && term("access", station.way_in),
    asks.length && t("asks", { what: asks.map((code) => term("door_asks", code)).join(t("comma")) }),
  ].filter(Boolean);
  return parts.length ? make("p", {}, parts.join(" · ")) : null;
}

function trustLine({ trust, trust_text: text }) {
  return make("p", { class: "trust" }, make("meter", { min: 0, max: 1, value: trust, "aria-hidden": "true" }), ` ${t("trust", { share: wholePercent(trust) })}`, text && ` · ${titled(text)}`);
}
