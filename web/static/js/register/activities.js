// Activities at the stations of one's area: planned, called off, how many came.

import { get, getFile, post } from "../api.js";
import { may, session } from "../audit/session.js";
import { byId, make } from "../dom.js";
import { both, number, t } from "../i18n.js";
import { stationField } from "../named.js";
import { button, check, choice, field, instantText, stamp, table, worded } from "./parts.js";

const STATES = { planned: "regPlanned", called_off: "regCalledOff", held: "regHeld" };
const TEXTS = ["title", "place", "holder"];
const TIMES = ["starts", "ends"];
const LABELS = { kind: "regActivityKind", title: "regTitle", starts: "regStarts", ends: "regEnds", place: "regPlace", holder: "regHolder" };
const CLOCK = "2026-11-25T14:00".length; // Beijing's time without its zone
const PAST_MS = 90 * 86_400_000;
const MOST = 200;

const status = byId("activity-status");
const list = byId("activity-list");
let kinds = [];
let form = null;
let station = null; // the form's field of it
let past = null;

export function startActivities() {
  past = make("input", { type: "checkbox", name: "past" });
  past.addEventListener("change", load);
  byId("activity-tools").append(check(past, ...both("regShowPast")), button("regActivitySheet", takeSheet), make("a", { class: "plain", id: "feed", href: "/activities.ics" }, ...both("regFeed")));
}

// Open the tab; with a station, {id, name}, to plan something there.
export async function openActivities({ at = null } = {}) {
  byId("feed").href = `/activities.ics${session.me.area ? `?area=${session.me.area}` : ""}`;
  await load();
  if (kinds.length && !form && may("editor", "inspector")) drawForm();
  if (at && form) {
    station.put(at);
    form.elements.title.focus();
  }
}

async function load() {
  try {
    const since = past.checked ? new Date(Date.now() - PAST_MS) : new Date();
    const area = session.me.area;
    const [told, sums] = await Promise.all([get("activities", { area, since: since.toISOString(), limit: MOST }), get("activities/sums", { area, by: "month" })]);
    kinds = told.kinds;
    status.classList.remove("failed");
    list.replaceChildren(...(told.activities.length ? told.activities.map(line) : [make("li", { class: "quiet" }, ...both("regNoActivities"))]));
    drawSums(sums);
  } catch (error) {
    failed(status, error);
  }
}

function drawSums({ rows, held, came }) {
  const cells = rows.map((row) => [worded("span", {}, row.title), number(row.held), number(row.came)]);
  const total = [make("span", {}, ...both("regTotal")), number(held), number(came)];
  byId("activity-sums").replaceChildren(...(rows.length ? [make("h2", {}, ...both("regSums")), table(["regMonth", "regHeldCount", "regCameCount"], [...cells, total], "regSums")] : []));
}

function line(each) {
  const place = make("div");
  const came = each.came == null ? [] : [" · ", ...both("regCame", { n: number(each.came) })];
  const tools = each.mine ? toolsOf(each, place) : null;
  return make(
    "li",
    { class: "slip", "data-number": each.number },
    make("p", {}, make("strong", {}, each.title), " ", make("span", { class: "state" }, ...both(STATES[each.state])), ...came),
    make("p", {}, `${instantText(each.starts)} – ${instantText(each.ends)}`),
    make("p", { class: "quiet" }, worded("span", {}, each.kind_title), ` · ${[each.station_name, each.station, each.place, each.holder, each.why].filter(Boolean).join(" · ")}`),
    tools,
    place,
  );
}

function toolsOf(each, place) {
  const begun = Date.parse(each.starts) <= Date.now();
  return make(
    "div",
    { class: "tools" },
    each.state !== "called_off" && begun ? button("regTellCame", () => askCame(each, place)) : null,
    each.state !== "called_off" ? button("regChangeIt", () => askChange(each, place)) : null,
    each.state === "planned" ? button("regCallOff", () => askStep(each, "call_off", place, [], () => ({}))) : null,
  );
}

function askCame(each, place) {
  const came = make("input", { type: "number", min: 0, max: 100000, required: true, name: "came" });
  askStep(each, "held", place, [field("regCameCount", came)], () => ({ came: Number(came.value) }));
}

function askChange(each, place) {
  const said = details(each);
  askStep(each, "change", place, said.fields, () => ({ said: said.read() }));
}

// Ask for what a step needs, and take it; `read` gives what is sent besides.
function askStep(each, step, place, fields, read) {
  const why = make("input", { type: "text", maxlength: 500, name: "step-why", required: step !== "held" || each.state === "held" });
  const line = make("p", { role: "status" });
  const key = stamp();
  const asked = make("form", { class: "step-form fields" }, ...fields, field("regStepWhy", why), make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regDo")), button("regCancel", () => place.replaceChildren())), line);
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post(`activities/${each.number}/steps`, { step, key, why: why.value, after: each.step, ...read() });
      status.replaceChildren(...both("regActivityDone"));
      await load();
    } catch (error) {
      failed(line, error);
    }
  });
  place.replaceChildren(asked);
  asked.querySelector("input, select").focus();
}

// The fields of what an activity is and when, and what they say.
function details(known = {}) {
  const controls = {
    kind: choice("kind", kinds.map((each) => [each.code, each]), known.kind),
    title: text("title", { required: true, maxlength: 100 }),
    starts: text("starts", { type: "datetime-local", required: true }),
    ends: text("ends", { type: "datetime-local", required: true }),
    place: text("place", { maxlength: 200 }),
    holder: text("holder", { maxlength: 100 }),
  };
  for (const name of TEXTS) controls[name].value = known[name] ?? "";
  for (const name of TIMES) controls[name].value = known[name]?.slice(0, CLOCK) ?? "";
  const read = () => Object.fromEntries(Object.entries(controls).map(([name, { value }]) => [name, value.trim()]));
  return { controls, read, fields: Object.entries(controls).map(([name, control]) => field(LABELS[name], control)) };
}

function text(name, attributes) {
  return make("input", { type: "text", name, autocomplete: "off", ...attributes });
}

function drawForm() {
  const input = text("station", { required: true, maxlength: 320, list: "activity-stations", placeholder: t("regStationHint"), "data-t-placeholder": "regStationHint" });
  const names = make("datalist", { id: "activity-stations" });
  station = stationField(input, names, (asked) => get("edits/stations", asked));
  const said = details();
  const line = make("p", { role: "status" });
  let key = stamp();
  form = make(
    "form",
    { class: "step-form fields" },
    make("h2", {}, ...both("regPlan")),
    field("regStationNamed", input),
    names,
    ...said.fields,
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regPlan"))),
    line,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post("activities", { station: station.id(), ...said.read(), key });
      key = stamp();
      for (const name of ["title", ...TIMES, "place"]) said.controls[name].value = "";
      line.classList.remove("failed");
      line.replaceChildren(...both("regActivityDone"));
      await load();
    } catch (error) {
      failed(line, error);
    }
  });
  byId("activity-form").replaceChildren(form);
}

function failed(line, error) {
  line.classList.add("failed");
  line.replaceChildren(t("regDidNot", { why: error.faults?.map(({ field: name, problem }) => `${name}: ${problem}`).join("; ") || error.message }));
}

async function takeSheet() {
  try {
    const link = make("a", { href: URL.createObjectURL(await getFile("activities/file", {})), download: "activities.xlsx" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    failed(status, error);
  }
}
