// The week as a heat map: a table of seven days by 24 hours; a cell shows its hour on the map.

import { areaClass } from "../areas.js";
import { byId, make } from "../dom.js";
import { percent, t, whenLanguage } from "../i18n.js";
import { ask, state, whenAsked } from "../state.js";
import { shareAt, shown, whenMeasured } from "./measure.js";
import { dayText, hourText } from "./week.js";

const DAY = 24;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: DAY, ArrowUp: -DAY, PageDown: DAY, PageUp: -DAY };
const cells = [];

export function startHeat() {
  const table = byId("heat");
  const hours = Array.from({ length: DAY }, (_, hour) => make("th", { scope: "col" }, hour % 6 ? make("span", { class: "unseen" }, String(hour)) : String(hour)));
  const days = Array.from({ length: 7 }, (_, day) => make("tr", {}, make("th", { scope: "row" }), ...Array.from({ length: DAY }, (_, hour) => make("td", {}, cell(DAY * day + hour)))));
  table.append(make("thead", {}, make("tr", {}, make("td"), ...hours)), make("tbody", {}, ...days));
  table.addEventListener("keydown", move);
  whenMeasured(write);
  whenAsked(write, "hour", "view");
  whenLanguage(write);
}

function cell(hour) {
  cells[hour] = make("button", { type: "button", onclick: () => ask({ hour: state.hour === hour ? null : hour }) });
  return cells[hour];
}

function move(event) {
  const at = cells.indexOf(event.target);
  const step = STEPS[event.key];
  if (at < 0 || !step) return;
  event.preventDefault();
  const next = cells[Math.min(cells.length - 1, Math.max(0, at + step))];
  for (const each of cells) each.tabIndex = each === next ? 0 : -1;
  next.focus();
}

function write() {
  const known = shown();
  byId("heat-part").hidden = !known;
  if (!known) return;
  const { week } = known;
  byId("heat").querySelectorAll("tbody th").forEach((head, day) => head.replaceChildren(dayText(day)));
  cells.forEach((each, hour) => {
    const share = shareAt(week, week.total, hour);
    const text = t("heatCell", { time: hourText(hour), share: share == null ? t("nobodyThere") : percent(share) });
    each.className = `area ${areaClass({ share })}`;
    each.setAttribute("aria-label", text);
    each.title = text;
    each.setAttribute("aria-pressed", String(hour === state.hour));
    each.tabIndex = hour === (state.hour ?? 0) ? 0 : -1;
  });
}
