// A file of stations: sent, looked at, put right, accepted as one revision.

import { Problem, post, sendFile } from "../api.js";
import * as chart from "../audit/chart.js";
import { byId, make, say as tell } from "../dom.js";
import { both, number, t, titled } from "../i18n.js";
import { lookAfter } from "../jobs.js";
import { button, changesTable, check, choiceOfKeys, faultTable, field, labelled, table } from "./parts.js";
import { DATUMS } from "./fields.js";

const COLOURS = { added: "#15803d", changed: "#b45309", same: "#6b7280" };
const FIELDS = ["id", "name", "lon", "lat", "position", "easting", "northing", "kind", "amenities", "opening_hours", "access", "host", "capacity", "area_code", "status", "phone", "calendar", "host_hours", "amenity_hours", "closures", "access_hours", "door_asks", "ebike_parking", "truck_bays", "entrance_lon", "entrance_lat", "places"];
const TITLES = { id: "regStationField", name: "regName", lon: "regLon", lat: "regLat", position: "regPosition", kind: "regKind", amenities: "regAmenities", opening_hours: "regHours", access: "regAccess", host: "regHost", capacity: "regCapacity", area_code: "regArea", status: "regStatus", phone: "regPhone", calendar: "regCalendar", host_hours: "regHostHours", closures: "regClosures", access_hours: "regOtherWays", door_asks: "regDoorAsks", ebike_parking: "regEbikes", truck_bays: "regTrucks", entrance_lon: "regDoorLon", entrance_lat: "regDoorLat", places: "regPlaces" };
const DRAWN = 500;

const status = byId("upload-status");
const result = byId("upload-result");
const job = byId("upload-job");
let working = null;
let upload = null; // the file sent: {id, name}
let places = [];

export function startUpload(accepted) {
  const form = byId("upload-form");
  const file = make("input", { type: "file", name: "file", required: true, accept: ".xlsx,.xls,.csv,.tsv,.txt,.geojson,.json,.gpkg,.parquet,.zip" });
  const datum = choiceOfKeys("datum", [["", "regDatumFile"], ...DATUMS]);
  const makeIds = make("input", { type: "checkbox", name: "make_ids" });
  form.append(make("p", { class: "quiet" }, ...both("regUploadHelp")), field("regFile", file), field("regUploadDatum", datum), check(makeIds, ...both("regMakeIds")), make("button", { type: "submit", class: "primary" }, ...both("regPreview")));
  byId("upload-cancel").addEventListener("click", () => working?.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    upload = null;
    places = [];
    result.replaceChildren();
    await work(async (signal) => {
      status.replaceChildren(...both("regPreviewing"));
      upload = await sendFile("uploads", { name: file.files[0].name }, file.files[0], signal);
      await preview({ datum: datum.value, make_ids: makeIds.checked }, signal);
    });
  });

  async function preview(how, signal) {
    const told = await lookAfter(await post(`uploads/${upload.id}/preview`, how), signal, stage);
    status.replaceChildren();
    show(told, { ...how, part: told.part });
  }

  function show(told, how) {
    places = told.places;
    drawUpload({ fit: true });
    const heading = make("h2", { tabindex: "-1" }, `${told.name} · `, ...both("regCounts", { rows: number(told.rows) }));
    result.replaceChildren(heading, ...partsPart(told, how), ...told.notes.map((note) => make("p", { class: "quiet" }, note)), counts(told), ...faultsPart(told), ...changedPart(told), mapping(told, how), firstPart(told), ending(told));
    heading.focus();
  }

  // Of a workbook with several sheets one is read: which, and the way to another.
  function partsPart({ part, parts }, how) {
    if (parts.length < 2) return [];
    const select = make("select", { name: "part", onchange: () => work((signal) => preview({ datum: how.datum, make_ids: how.make_ids, part: select.value }, signal)) });
    select.append(...parts.map((each) => make("option", { value: each, selected: each === part }, each)));
    const others = parts.filter((each) => each !== part).join(t("comma"));
    return [make("div", { class: "fields" }, field("regPart", select)), make("p", { class: "doubt" }, ...both("regPartsLeft", { others }))];
  }

  function mapping(told, how) {
    const taken = Object.fromEntries(Object.entries(told.columns).map(([name, column]) => [column, name]));
    const rows = told.file_columns.map(({ name, sample }) => {
      const select = make("select", labelled("regIs"));
      select.append(make("option", { value: "" }, t("regNotUsed")), ...FIELDS.map((each) => make("option", { value: each }, TITLES[each] ? `${t(TITLES[each])} ${each}` : each)));
      select.value = taken[name] ?? "";
      return { name, select, cells: [name, sample, select] };
    });
    const again = button("regPreviewAgain", () => work((signal) => {
      const columns = Object.fromEntries(rows.filter(({ select }) => select.value).map(({ name, select }) => [select.value, name]));
      const unused = rows.filter(({ name, select }) => !select.value && taken[name]).map(({ name }) => name);
      return preview({ ...how, columns, unused }, signal);
    }));
    return make("details", { class: "part", open: Boolean(told.faults.length) }, make("summary", {}, ...both("regColumns")), table(["regColumn", "regSample", "regIs"], rows.map(({ cells }) => cells), "regColumns"), again);
  }

  function ending(told) {
    const line = make("p", { role: "status", class: "failed" });
    if (told.refusal && !told.partly) return make("p", { class: "failed" }, ...both("regRefused"));
    const partial = make("input", { type: "checkbox", name: "partial", required: Boolean(told.refusal) });
    const why = make("textarea", { name: "file-why", rows: 2, maxlength: 500, required: true });
    const accept = make("form", { class: "step-form" }, told.refusal ? check(partial, ...both("regPartial")) : null, make("div", { class: "fields" }, field("regFileWhy", why)), make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regAccept"))), line);
    accept.addEventListener("submit", (event) => {
      event.preventDefault();
      work(async (signal) => {
        const body = { base: told.base, mark: told.mark, why: why.value, partial: partial.checked };
        const made = await lookAfter(await post(`uploads/${upload.id}/accept`, body), signal, stage);
        result.replaceChildren();
        status.replaceChildren(...(made.revision ? both("regAccepted", made) : both("regAcceptedNothing")));
        form.reset();
        await accepted();
      });
    });
    return accept;
  }
}

// Do something that takes a while; what fails is told.
async function work(run) {
  working?.abort();
  const mine = (working = new AbortController());
  job.hidden = false;
  status.classList.remove("failed");
  try {
    await run(mine.signal);
  } catch (error) {
    if (error.name === "AbortError") status.replaceChildren();
    else tell(status, t("regDidNot", { why: error instanceof Problem ? error.message : String(error) }), { failed: true });
  } finally {
    if (mine === working) job.hidden = true;
  }
}

function stage({ progress }) {
  const name = ["read", "check", "store"].includes(progress.stage) ? progress.stage : "queued";
  status.replaceChildren(...both(`regStage_${name}`));
  const bar = job.querySelector("progress");
  if (progress.total) Object.assign(bar, { max: progress.total, value: progress.done });
  else bar.removeAttribute("value");
}

export function drawUpload({ fit = false } = {}) {
  chart.clear();
  const shown = places.slice(0, DRAWN).map(([lon, lat, what]) => ({ lon, lat, what }));
  for (const each of shown) chart.mark(each, { size: 12, colour: COLOURS[each.what], name: `mark ${each.what}` });
  if (fit) chart.fit(shown);
}

function counts(told) {
  const figures = [["regAdded", told.added], ["regChanged", told.changed], ["regUnchanged", told.unchanged], ["regFaults", told.unreadable], ["regAbsent", told.absent]];
  return make("dl", { class: "counts" }, ...figures.flatMap(([key, n]) => [make("dt", {}, ...both(key)), make("dd", { "data-count": key }, number(n))]));
}

function faultsPart({ faults, faults_total: all, warnings, warnings_total: warned, upload: id }) {
  const parts = [];
  if (all) parts.push(make("h3", {}, ...both("regFaultList", { n: number(all) })), faultTable(faults, "regFaults"));
  if (all > faults.length) parts.push(make("p", { class: "quiet" }, ...both("regShown", { n: faults.length })));
  if (warned) parts.push(make("details", {}, make("summary", {}, ...both("regWarningList", { n: number(warned) })), faultTable(warnings, "regWarnings")));
  if (all + warned) parts.push(make("p", {}, make("a", { class: "plain", href: `/api/v1/uploads/${id}/faults`, download: true }, ...both("regFaultSheet"))));
  return parts;
}

function changedPart({ differences, changed_fields: fields }) {
  if (!differences.length) return [];
  const names = new Map(differences.flatMap(({ changes }) => changes.map(({ field: name, title }) => [name, titled(title)])));
  const told = Object.entries(fields).map(([name, n]) => `${names.get(name) ?? name} ${number(n)}`).join(" · ");
  const each = differences.map(({ id, name, changes }) => make("li", {}, make("p", {}, make("strong", {}, name), " ", make("span", { class: "quiet" }, id)), changesTable(changes)));
  return [make("details", { class: "part" }, make("summary", {}, ...both("regDifferences", { n: differences.length })), make("p", { class: "quiet" }, ...both("regChangedFields"), ` ${told}`), make("ol", { class: "differences" }, ...each))];
}

function firstPart({ first }) {
  const rows = first.map((each) => [each.id, each.name, each.position, each.area_code, each.opening_hours]);
  return make("details", { class: "part" }, make("summary", {}, ...both("regFirst")), table(["regStationField", "regName", "regPosition", "regArea", "regHours"], rows, "regFirst"));
}
