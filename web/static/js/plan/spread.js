// Below the waterfall: what hangs on one station or host, how even it is, what has changed since.

import { get } from "../api.js";
import { byId, make, say } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { state } from "../state.js";
import { question } from "./question.js";

const LEAN = 3; // stations and hosts named
const KINDS = ["removed", "added", "moved", "hours", "amenity", "trust", "site"];

export function spreadParts({ backup, fairness }) {
  return [
    make("h3", {}, t("backup")),
    make("ul", {}, ...backupLines(backup).map(line)),
    make("h3", {}, t("evenness")),
    make("ul", {}, ...evenLines(fairness).map(line)),
  ];
}

function line(text) {
  return make("li", {}, text);
}

function backupLines(backup) {
  if (!backup.covered) return [t("nobodyCovered")];
  const hosts = backup.hosts.filter(({ id }) => !id).map((host) => ({ ...host, name: `${t("host")} ${host.name}` }));
  const leaning = [...backup.stations.slice(0, LEAN), ...hosts.slice(0, LEAN)];
  return [
    t("oneStation", { share: percent(backup.share_one_station), sites: number(backup.sites_one_station) }),
    t("oneHost", { share: percent(backup.share_one_host), sites: number(backup.sites_one_host) }),
    ...leaning.map(({ name, sites, worker_hours }) => t("leansOn", { name, sites: number(sites), share: percent(worker_hours / backup.covered) })),
  ];
}

function evenLines({ access, types, ...counties }) {
  return [
    evenText("overCounties", counties),
    types && evenText("overTypes", types),
    ...(types?.groups ?? []).map(({ name, share }) => `${name} ${share == null ? "–" : percent(share)}`),
    access && t("places", { median: number(access.median), none: number(access.none) }),
  ].filter(Boolean);
}

function evenText(key, { gini, worst_tenth: worst, nobody_covered: nobody }) {
  if (nobody) return t(key, { text: t("nobodyCovered") });
  if (gini == null) return t(key, { text: t("nobodyThere") });
  return t(key, { text: t("gini", { gini: gini.toFixed(3), worst: percent(worst) }) });
}

let asked = null;

// Ask what changed since the day that is set; with none there is nothing to show.
export async function showTrend(unit) {
  const place = byId("trend");
  const status = byId("trend-status");
  asked?.abort();
  place.replaceChildren();
  say(status, "");
  if (!state.since) return;
  const { signal } = (asked = new AbortController());
  say(status, t("loading"));
  try {
    const { since } = await get("coverage", { ...question(), since: state.since }, signal);
    say(status, "");
    place.replaceChildren(...trendParts(since, unit));
  } catch (error) {
    if (error.name !== "AbortError") say(status, t("failed", { why: error.message }), { failed: true });
  }
}

function trendParts({ total, share_before: before, share_after: after, revision }, unit) {
  const signed = (value) => (value > 0 ? `+${number(value)}` : number(value));
  const kinds = KINDS.filter((kind) => total[kind]).map((kind) => `${t(`change_${kind}`)} ${signed(total[kind])}`);
  const shown = (share) => (share == null ? "–" : percent(share));
  return [
    make("p", {}, t("changed", { before: shown(before), after: shown(after), revision })),
    make("ul", {}, ...(kinds.length ? kinds.map((text) => line(`${text} ${unit}`)) : [line(t("unchanged"))])),
  ];
}
