// What an inspector wants to know of a station before going in.

import { make } from "../dom.js";
import { goButton, otherMaps } from "../go.js";
import { hoursText } from "../hourstext.js";
import { t, titled } from "../i18n.js";

const MODES = ["car", "ebike", "bike", "walk", "point"]; // a round has links of the mode it was planned for

export function stationHead({ form: { station, findings, synthetic }, links }) {
  const going = { ...station, links, offline: !navigator.onLine };
  const facts = [
    ["host", station.host],
    ["hours", hoursText(station.opening_hours)],
    ["phone", station.phone],
  ].filter(([, value]) => value);
  return [
    make("h2", { id: "form-title", tabindex: -1 }, station.name, synthetic ? make("span", { class: "mark" }, t("synthetic")) : null),
    make("p", { class: "quiet" }, station.id),
    make("dl", { class: "facts" }, ...facts.flatMap(([word, value]) => [make("dt", {}, t(word)), make("dd", {}, value)])),
    links.length ? make("div", { class: "actions" }, goButton(going, MODES), otherMaps(going, MODES)) : null,
    findings.length ? findingList(findings) : null,
  ].filter(Boolean);
}

function findingList(findings) {
  return make("details", { class: "findings", open: true }, make("summary", {}, t("openFindings", { n: findings.length })), make("ul", {}, ...findings.map((each) => make("li", {}, findingText(each)))));
}

export function findingText({ number, title }) {
  return t("findingNumber", { number, text: titled(title) });
}
