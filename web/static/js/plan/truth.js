// Coverage in truth in words and bars: from paper to real, and where what is lost went.

import { areaClass } from "../areas.js";
import { basisMark } from "../sitecards.js";
import { make, makeSvg } from "../dom.js";
import { limitText, number, percent, t, titled } from "../i18n.js";

// Top to bottom: what is left at each step, and what was lost on the way to it.
const LINES = [
  ["present", null],
  [null, "no_station"],
  ["paper", null],
  [null, "closed"],
  [null, "unknown"],
  ["hours", null],
  [null, "amenity"],
  ["amenities", null],
  [null, "trust"],
  ["trust", null],
];
const CAUSES = LINES.map(([, cause]) => cause).filter(Boolean);

export function truthParts({ total, method }) {
  const share = total.share == null ? "–" : percent(total.share);
  return [
    make("p", { class: "figure" }, share, basisMark({ ...method, estimated: method.estimated !== "none" })),
    make("meter", { min: 0, max: 1, value: total.share ?? 0, "aria-label": `${t("real")} ${share}` }),
    make("p", {}, t("paperToReal", { paper: ofPresent(total, total.steps.paper), real: share })),
    make("p", { class: "quiet" }, t("hoursAsked", { hours: titled(method.hours), within: limitText(method) })),
    make("p", { class: "quiet" }, t("sitesAlways", { covered: number(total.covered), some: number(total.covered_sometimes), sites: number(total.sites) })),
    total.not_there ? make("p", { class: "quiet" }, t("notThere", { n: number(total.not_there) })) : "",
    total.unreachable ? make("p", { class: "quiet" }, t("unreachableSites", { n: number(total.unreachable) })) : "",
  ];
}

// A table whose middle column is drawn: each bar stands where the one above it ends.
export function waterfall({ total, method }) {
  const unit = t(method.share_of === "worker-hours" ? "workerHours" : "siteHours");
  let left = total.worker_hours;
  const lines = LINES.map(([step, cause]) => {
    const lost = cause ? total.lost[cause] : 0;
    left -= lost;
    return line(total, step, cause, { from: left, size: cause ? lost : left });
  });
  const heads = [t("step"), t("share"), unit].map((text) => make("th", { scope: "col" }, text));
  return make(
    "table",
    { class: "waterfall" },
    make("caption", {}, t("waterfall")),
    make("thead", {}, make("tr", {}, ...heads)),
    make("tbody", {}, ...lines),
  );
}

function line(total, step, cause, { from, size }) {
  const whole = total.worker_hours || 1;
  const bar = makeSvg(
    "svg",
    { class: "bar-of", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    makeSvg("rect", { class: cause ? "lost" : "left", x: cause ? (1000 * from) / whole : 0, y: 0, width: (1000 * size) / whole, height: 10 }),
  );
  const sign = cause && size ? "−" : "";
  return make(
    "tr",
    { class: cause ? "lost" : "left" },
    make("th", { scope: "row" }, t(cause ? `cause_${cause}` : `step_${step}`)),
    make("td", {}, bar, make("span", {}, sign, ofPresent(total, size))),
    make("td", { class: "number" }, sign, number(size)),
  );
}

function ofPresent(total, hours) {
  return total.worker_hours ? percent(hours / total.worker_hours) : "–";
}

// One area: how much is real, how much was on paper, and what most of the rest is lost to.
export function truthRow(row, name, share, attributes) {
  const worst = CAUSES.reduce((a, b) => (row.lost[b] > row.lost[a] ? b : a));
  const lost = row.lost[worst] ? t("mostlyLost", { cause: t(`cause_${worst}`), share: ofPresent(row, row.lost[worst]) }) : "";
  const shown = row.worker_hours ? [t("paper"), " ", ofPresent(row, row.steps.paper), lost && t("comma"), lost] : [t("nobodyThere")];
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "row", ...attributes },
      make("span", { class: `swatch area ${areaClass({ share })}`, "aria-hidden": "true" }),
      make("span", { class: "name" }, name),
      make("span", { class: "far" }, share == null ? "–" : percent(share)),
      make("span", { class: "quiet" }, ...shown),
    ),
  );
}

export function truthMethod(method) {
  const { unit, estimated, roads, data } = method;
  const basis = unit === "m" ? "basisStraight" : { all: "basisEstimated", some: "basisSome", none: "basisRoads" }[estimated];
  const date = roads?.osm_at ?? roads?.built_at;
  return [
    t(basis),
    roads && t("network", { source: roads.source, date: date ? date.slice(0, 10) : "–" }),
    t("realMeans"),
    data.hours_unknown != null && t("dataState", { hours: percent(data.hours_unknown), confirmed: percent(1 - data.never_confirmed) }),
  ].filter(Boolean).join(" ");
}
