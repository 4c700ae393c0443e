// The fields of a station's form. Each knows the names it stands for and reads them as texts.

import { make } from "../dom.js";
import { both, t } from "../i18n.js";
import { register } from "../register.js";
import { followHours } from "./hours.js";
import { check, choice, choiceOfKeys, field, worded } from "./parts.js";
import { rowsEditor } from "./rows.js";

const CALENDARS = [["workdays", "regWorkdays"], ["weekdays", "regWeekdays"]];
export const DATUMS = [["wgs84", "regDatumWgs"], ["cgcs2000", "regDatumCgcs"], ["gcj02", "regDatumGcj"], ["bd09", "regDatumBd"]];

export function text(name, key, value, attributes = {}) {
  const control = make("input", { type: "text", name, autocomplete: "off", spellcheck: "false", ...attributes });
  control.value = value;
  return { names: [name], control, element: field(key, control), read: () => ({ [name]: control.value.trim() }) };
}

export function terms(name, key, vocabulary, value, { empty = false } = {}) {
  const control = choice(name, register[vocabulary].map((each) => [each.code, each]), value);
  if (empty) {
    control.prepend(make("option", { value: "" }, "–"));
    control.value = value;
  }
  return { names: [name], control, element: field(key, control), read: () => ({ [name]: control.value }) };
}

export function hours(values) {
  const own = make("textarea", { name: "opening_hours", rows: 2, spellcheck: "false" });
  const host = make("textarea", { name: "host_hours", rows: 2, spellcheck: "false" });
  own.value = values.opening_hours;
  host.value = values.host_hours;
  const calendar = choiceOfKeys("calendar", CALENDARS, values.calendar || "workdays");
  let chosen = false; // whether somebody has said which calendar it is
  const calendarOf = () => (chosen ? calendar.value : own.value.trim() === values.opening_hours || values.calendar === "weekdays" ? values.calendar : "");
  const mine = followHours(own, calendarOf, (told) => {
    if (!chosen) calendar.value = told.calendar;
  });
  const theirs = followHours(host, () => calendar.value);
  calendar.addEventListener("change", () => {
    chosen = true;
    mine.read();
    theirs.read();
  });
  const element = make("div", { class: "fields" }, make("p", { class: "quiet" }, ...both("regHoursHelp")), field("regHours", own), mine.told, field("regCalendar", calendar), field("regHostHours", host), theirs.told);
  return { names: ["opening_hours", "host_hours", "calendar"], control: own, element, read: () => ({ opening_hours: own.value.trim(), host_hours: host.value.trim(), calendar: calendar.value }) };
}

// Ticks, each with hours of its own beside it.
export function ticks(name, hoursName, vocabulary, values) {
  const ticked = new Set(values[name].split(";"));
  const own = parsed(values[hoursName], {});
  const rows = register[vocabulary].map((each) => {
    const tick = make("input", { type: "checkbox", value: each.code });
    tick.checked = ticked.has(each.code);
    const when = make("input", { type: "text", autocomplete: "off", class: "own-hours", "data-t-placeholder": "regOwnHoursHint", placeholder: t("regOwnHoursHint") });
    when.value = own[each.code] ?? "";
    const label = make("label", { class: "own" }, make("span", { class: "unseen" }, ...both("regOwnHours", { name: "" }), worded("span", {}, each)), when);
    const show = () => {
      label.hidden = !tick.checked;
    };
    tick.addEventListener("change", show);
    show();
    return { code: each.code, tick, when, element: make("div", { class: "tick" }, check(tick, worded("span", {}, each)), label) };
  });
  const read = () => {
    const chosen = rows.filter(({ tick }) => tick.checked);
    const hoursOf = chosen.filter(({ when }) => when.value.trim()).map(({ code, when }) => [code, when.value.trim()]);
    return { [name]: chosen.map(({ code }) => code).join(";"), [hoursName]: hoursOf.length ? JSON.stringify(Object.fromEntries(hoursOf)) : "" };
  };
  return { names: [name, hoursName], control: rows[0].tick, element: make("div", { class: "ticks" }, ...rows.map((row) => row.element)), read };
}

export function asks(values) {
  const ticked = new Set(values.door_asks.split(";"));
  const boxes = register.door_asks.map((each) => {
    const box = make("input", { type: "checkbox", value: each.code });
    box.checked = ticked.has(each.code);
    return [box, check(box, worded("span", {}, each))];
  });
  const read = () => ({ door_asks: boxes.filter(([box]) => box.checked).map(([box]) => box.value).join(";") });
  return { names: ["door_asks"], control: boxes[0][0], element: make("fieldset", { class: "ticks" }, make("legend", {}, ...both("regDoorAsks")), ...boxes.map(([, label]) => label)), read };
}

export function otherWays(values) {
  const own = parsed(values.access_hours, {});
  const rows = register.access.map((each) => {
    const when = make("input", { type: "text", autocomplete: "off" });
    when.value = own[each.code] ?? "";
    return [each.code, when, make("label", {}, worded("span", {}, each), when)];
  });
  const read = () => {
    const filled = rows.filter(([, when]) => when.value.trim()).map(([code, when]) => [code, when.value.trim()]);
    return { access_hours: filled.length ? JSON.stringify(Object.fromEntries(filled)) : "" };
  };
  return { names: ["access_hours"], control: rows[0][1], element: make("details", {}, make("summary", {}, ...both("regOtherWays")), make("div", { class: "fields" }, ...rows.map(([, , label]) => label))), read };
}

export function closures(values) {
  const columns = [
    { name: "from", key: "regFrom", type: "date" },
    { name: "to", key: "regTo", type: "date" },
    { name: "reason", key: "regReason", maxlength: 200 },
  ];
  const { element, read } = rowsEditor(columns, parsed(values.closures, []), { caption: "regClosures" });
  return { names: ["closures"], element, control: element.querySelector("input, button"), read: () => ({ closures: listed(read()) }) };
}

// `pick(row)` lets a row's place be pointed at on the map.
export function places(values, pick) {
  const columns = [
    { name: "from", key: "regFrom", type: "date" },
    { name: "until", key: "regTo", type: "date" },
    { name: "hours", key: "regPlaceHours", class: "wide-cell" },
    { name: "lon", key: "regLon", inputmode: "decimal" },
    { name: "lat", key: "regLat", inputmode: "decimal" },
    { name: "name", key: "regPlaceName", class: "wide-cell", maxlength: 200 },
  ];
  const more = (row) => [make("button", { type: "button", class: "plain", onclick: () => pick(row), "data-t-label": "regPoint", "aria-label": t("regPoint") }, "◎")];
  const { element, read, rows } = rowsEditor(columns, bare(values.places), { more, caption: "regPlaces" });
  return { names: ["places"], element, rows, control: element.querySelector("input, button"), read: () => ({ places: listed(read()) }) };
}

function bare(cell) {
  return parsed(cell, []).map(({ position_in: _, ...place }) => Object.fromEntries(Object.entries(place).map(([name, value]) => [name, String(value)])));
}

// Whether two texts of a field say the same: JSON may be written in more than one way.
export function isSame(name, one, other) {
  if (one === other) return true;
  if (name === "places") return JSON.stringify(sorted(bare(one))) === JSON.stringify(sorted(bare(other)));
  if (!["amenity_hours", "access_hours", "closures"].includes(name)) return false;
  return JSON.stringify(sorted(parsed(one, null))) === JSON.stringify(sorted(parsed(other, null)));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  return value && typeof value === "object" ? Object.fromEntries(Object.entries(value).sort()) : value;
}

function listed(records) {
  return records.length ? JSON.stringify(records) : "";
}

function parsed(cell, otherwise) {
  return cell ? JSON.parse(cell) : otherwise;
}
