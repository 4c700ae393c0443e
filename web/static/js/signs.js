// Small marks beside a name, wherever there is one.

import { make, makeSvg } from "./dom.js";
import { t } from "./i18n.js";

const SHAPES = {
  standard: ["circle", { cx: 14, cy: 14, r: 8 }],
  smart: ["path", { d: "M14 4 24 14 14 24 4 14z" }],
  mobile: ["path", { d: "M14 4 24.5 22.5h-21z" }],
};

// A kind's sign, for markers, lists and the legend.
export function sign(kind, attributes = {}) {
  const [tag, shape] = SHAPES[kind] ?? SHAPES.standard;
  return makeSvg("svg", { viewBox: "0 0 28 28", class: `sign ${kind}`, "aria-hidden": "true", ...attributes }, makeSvg(tag, shape));
}

export function syntheticMark(record) {
  return record.synthetic ? make("span", { class: "mark" }, t("synthetic")) : null;
}
