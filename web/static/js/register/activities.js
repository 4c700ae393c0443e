// Activities at the stations of one's area: planned, called off, how many came.

import { get, getFile, post } from "../api.js";
import { may, session } from "../audit/session.js";
import { byId, make } from "../dom.js";
import { both, number, t } from "../i18n.js";
import { button, check, choice, field, instantText, stamp, table, worded } from "./parts.js";

const STATES = { planned: "regPlanned", called_off: "regCalledOff", held: "regHeld" };
const TEXTS = ["title", "place", "holder"];
const PAST_MS = 90 * 86_400_000;
const MOST = 200;

const status = byId("activity-status");
const list = byId("activity-list");
let kinds = [];
let form = null;
let past = null;

export function startActivities() {
  past = make("input", { type: "checkbox", name: "past" });
  past.addEventListener("change", load);
  byId("activity-tools").append(check(past, ...both("regShowPast")), button("regActivitySheet", takeSheet), make("a", { class: "plain", id: "feed", href: "/activities.ics" }, ...both("regFeed")));
}

// Open the tab; with `station`, to plan something there.
export async function openActivities({ station = "" } = {}) {
  byId("feed").href = `/activities.ics${session.me.area ? `?area=${session.me.area}` : ""}`;
  await load();
  if (kinds.length && !form && may("editor", "inspector")) drawForm();
  if (station && form) {
    form.elements.station.value = station;
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
    each.state !== "called_off" && begun ? button("regTellCame", () => ask(each, "held", place)) : null,
    each.state === "planned" ? button("regCallOff", () => ask(each, "call_off", place)) : null,
  );
}

function ask(each, step, place) {
  const why = make("input", { type: "text", maxlength: 500, name: "step-why", required: step === "call_off" || each.state === "held" });
  const came = make("input", { type: "number", min: 0, max: 100000, required: true, name: "came" });
  const line = make("p", { role: "status" });
  const key = stamp();
  const asked = make("form", { class: "step-form fields" }, step === "held" ? field("regCameCount", came) : null, field("regStepWhy", why), make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regDo")), button("regCancel", () => place.replaceChildren())), line);
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { step, key, why: why.value, after: each.step, ...(step === "held" ? { came: Number(came.value) } : {}) };
    try {
      await post(`activities/${each.number}/steps`, body);
      status.replaceChildren(...both("regActivityDone"));
      await load();
    } catch (error) {
      failed(line, error);
    }
  });
  place.replaceChildren(asked);
  (step === "held" ? came : why).focus();
}

function drawForm() {
  const input = (name, key, attributes = {}) => field(key, make("input", { type: "text", name, autocomplete: "off", ...attributes }));
  const line = make("p", { role: "status" });
  let key = stamp();
  form = make(
    "form",
    { class: "step-form fields" },
    make("h2", {}, ...both("regPlan")),
    input("station", "regStationField", { required: true, maxlength: 200 }),
    field("regActivityKind", choice("kind", kinds.map((each) => [each.code, each]))),
    input("title", "regTitle", { required: true, maxlength: 100 }),
    input("starts", "regStarts", { type: "datetime-local", required: true }),
    input("ends", "regEnds", { type: "datetime-local", required: true }),
    input("place", "regPlace", { maxlength: 200 }),
    input("holder", "regHolder", { maxlength: 100 }),
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regPlan"))),
    line,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = Object.fromEntries(["station", "kind", "starts", "ends", ...TEXTS].map((name) => [name, form.elements[name].value.trim()]));
    try {
      await post("activities", { ...said, key });
      key = stamp();
      for (const name of ["title", "starts", "ends", "place"]) form.elements[name].value = "";
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
