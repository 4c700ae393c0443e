// How far a long question is, in words and as a bar: of the map's coverage and the planner's.

import { byId, setText } from "./dom.js";
import { number, t } from "./i18n.js";

export function showJob({ state: at, progress: { stage, done, total } }) {
  const bar = byId("job-progress");
  byId("job").hidden = false;
  setText(byId("job-text"), jobText(at, stage, done, total));
  bar.setAttribute("aria-label", t("jobBar"));
  if (total > 0) Object.assign(bar, { max: total, value: done });
  else bar.removeAttribute("value");
}

function jobText(at, stage, done, total) {
  if (at === "queued") return t("jobQueued");
  if (stage === "measure") return t("jobMeasure");
  return total > 0 ? t("jobPairs", { done: number(done), total: number(total) }) : t("jobBegun");
}
