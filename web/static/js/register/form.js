// The form of one station: what is changed of it is looked at, then saved as one revision.

import { get, post } from "../api.js";
import * as chart from "../audit/chart.js";
import { may } from "../audit/session.js";
import { byId, make, say as tell } from "../dom.js";
import { both, t } from "../i18n.js";
import * as fields from "./fields.js";
import { historyPart } from "./history.js";
import { button, changesTable, choiceOfKeys, faultTable, field } from "./parts.js";

const EMPTY = { name: "", kind: "standard", amenities: "", opening_hours: "", access: "", host: "", capacity: "", area_code: "", status: "active", phone: "", calendar: "", host_hours: "", amenity_hours: "", closures: "", access_hours: "", door_asks: "", ebike_parking: "", truck_bays: "", lon: "", lat: "", entrance_lon: "", entrance_lat: "", places: "" };
const PAIRS = [["lon", "lat"], ["entrance_lon", "entrance_lat"]];
const FAULT_OF = { position: "lon", geometry: "lon", easting: "lon", northing: "lat" };
const HOUR_FIELDS = ["opening_hours", "host_hours"];
const DIGITS = 6;

const detail = byId("detail");
let hooks = { saved() {}, back() {}, plan() {} };
let shown = null; // the form there is: {id, base, values, parts, …}

export function startForm(given) {
  hooks = given;
}

export function clearForm() {
  shown = null;
  document.querySelector("#stations").classList.remove("chosen");
  detail.replaceChildren(make("p", { class: "quiet" }, ...both("regChoose")));
  chart.clear();
}

// Show a station's form, as the register has it now; `said` is what has just been done.
export async function openStation(id, { focus = false, said = null } = {}) {
  document.querySelector("#stations").classList.add("chosen");
  detail.setAttribute("aria-busy", "true");
  if (shown?.id !== id) detail.replaceChildren(make("p", { role: "status" }, ...both("loading")));
  try {
    const told = await get(`edits/stations/${encodeURIComponent(id)}`);
    draw({ id, base: told.base, values: told.fields, told, mine: told.mine, focus, said });
  } catch (error) {
    shown = null;
    const status = make("p", {});
    const retry = [403, 404].includes(error.status) ? undefined : { label: t("retry"), run: () => openStation(id, { focus }) };
    tell(status, t("failed", { why: error.message }), { retry, failed: true });
    detail.replaceChildren(backButton(), status);
  } finally {
    detail.removeAttribute("aria-busy");
  }
}

export function openNew() {
  document.querySelector("#stations").classList.add("chosen");
  draw({ id: null, base: 0, values: { ...EMPTY }, told: null, mine: true, focus: true });
}

function backButton() {
  return button("regBack", () => hooks.back(), { id: "back" });
}

function draw({ id, base, values, told, mine, focus, said }) {
  const parts = partsOf(values, told);
  shown = { id, base, values, mine, parts, datum: parts.datum, changed: null };
  const heading = make("h2", { tabindex: "-1" }, told ? told.fields.name : "", ...(told ? [] : both("regNew")));
  const status = make("p", { role: "status", id: "form-status" });
  shown.status = status;
  if (said) status.append(...said);
  const form = make("form", { class: "station-form", novalidate: true, autocomplete: "off" }, ...sections(parts, told), mine ? ending() : null);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  if (!mine) for (const control of form.querySelectorAll("input, select, textarea, fieldset, button")) control.disabled = true;
  detail.replaceChildren(
    backButton(),
    heading,
    ...(told ? [make("p", { class: "quiet" }, `${id} · ${told.area_name} · `, make("a", { href: `/map?station=${encodeURIComponent(id)}` }, ...both("map")))] : []),
    ...(mine ? [] : [make("p", { class: "quiet" }, ...both("regReadOnly"))]),
    ...(told && mine ? [quick(values.status)] : []),
    status,
    form,
    ...(told ? [historyPart(id, (text) => openStation(id, { focus: true, said: text }))] : []),
  );
  pins();
  if (focus) heading.focus();
}

function quick(status) {
  const turn = (to) => {
    shown.parts.status.control.value = to;
    shown.why.focus();
    shown.why.scrollIntoView({ block: "center" });
  };
  const closed = status === "closed" || status === "suspended";
  return make("div", { class: "tools" }, closed ? button("regReopen", () => turn("active")) : button("regClose", () => turn("closed")), may("editor", "inspector") ? button("regPlanHere", () => hooks.plan({ id: shown.id, name: shown.values.name })) : null);
}

function partsOf(values, told) {
  const numeric = { inputmode: "decimal" };
  return {
    ...(told ? {} : { id: fields.text("id", "regId", "", { maxlength: 100 }) }),
    name: fields.text("name", "regName", values.name, { maxlength: 200, required: true }),
    kind: fields.terms("kind", "regKind", "kinds", values.kind),
    status: fields.terms("status", "regStatus", "statuses", values.status),
    host: fields.text("host", "regHost", values.host),
    phone: fields.text("phone", "regPhone", values.phone),
    capacity: fields.text("capacity", "regCapacity", values.capacity, { inputmode: "numeric" }),
    area_code: fields.text("area_code", "regArea", values.area_code, { inputmode: "numeric", maxlength: 6 }),
    hours: fields.hours(values),
    closures: fields.closures(values),
    amenities: fields.ticks("amenities", "amenity_hours", "amenities", values),
    access: fields.terms("access", "regAccess", "access", values.access, { empty: true }),
    access_hours: fields.otherWays(values),
    door_asks: fields.asks(values),
    ebike_parking: fields.text("ebike_parking", "regEbikes", values.ebike_parking, { inputmode: "numeric" }),
    truck_bays: fields.text("truck_bays", "regTrucks", values.truck_bays, { inputmode: "numeric" }),
    lon: fields.text("lon", "regLon", values.lon, numeric),
    lat: fields.text("lat", "regLat", values.lat, numeric),
    entrance_lon: fields.text("entrance_lon", "regDoorLon", values.entrance_lon, numeric),
    entrance_lat: fields.text("entrance_lat", "regDoorLat", values.entrance_lat, numeric),
    places: fields.places(values, pickPlace),
    datum: choiceOfKeys("datum", fields.DATUMS, "wgs84"),
  };
}

function sections(parts, told) {
  const group = (key, ...children) => make("fieldset", { class: "part" }, make("legend", {}, ...both(key)), make("div", { class: "fields" }, ...children));
  const placed = ["lon", "lat", "entrance_lon", "entrance_lat"];
  for (const name of ["lon", "lat"]) parts[name].control.addEventListener("input", pins);
  const came = told && told.datum_in !== "wgs84" && told.position_in ? [make("p", { class: "quiet" }, ...both("regPositionCame", { text: `${told.position_in} (${told.datum_in})` }))] : [];
  return [
    group("regBasics", ...(parts.id ? [parts.id.element] : []), ...["name", "kind", "status", "host", "phone", "capacity", "area_code"].map((name) => parts[name].element)),
    group("regHoursPart", parts.hours.element, make("h3", {}, ...both("regClosures")), parts.closures.element),
    group("regAmenities", parts.amenities.element),
    group("regAccessPart", parts.access.element, parts.access_hours.element, parts.door_asks.element, parts.ebike_parking.element, parts.truck_bays.element),
    group("regPosition", make("p", { class: "quiet" }, ...both("regDrag")), ...came, field("regDatum", parts.datum), ...placed.map((name) => parts[name].element), button("regPoint", pickPosition)),
    make("details", { class: "part", id: "places-part", open: Boolean(told?.fields.places) }, make("summary", {}, ...both("regPlaces")), make("p", { class: "quiet" }, ...both("regPlacesHelp")), parts.places.element),
  ];
}

function ending() {
  const why = make("textarea", { name: "why", rows: 2, maxlength: 500, required: true });
  shown.why = why;
  shown.looked = make("div", { id: "looked" });
  return make("div", { class: "ending fields" }, shown.looked, field("regWhy", why), make("div", { class: "tools" }, button("regLook", look), make("button", { type: "submit", class: "primary" }, ...both("regSave"))));
}

// The pin of the station, to be dragged; in WGS 84 only, as the map is.
function pins() {
  chart.clear();
  if (!shown || shown.parts.datum.value !== "wgs84") return;
  const { lon, lat } = shown.parts;
  const at = { lon: Number.parseFloat(lon.control.value), lat: Number.parseFloat(lat.control.value) };
  if (!(Math.abs(at.lon) <= 180 && Math.abs(at.lat) <= 85)) return;
  const made = chart.mark(at, { name: "pin", size: 26, label: t("regPin") });
  if (shown.mine) {
    made.dragging.enable();
    made.on("dragend", () => place(made.getLatLng()));
  }
  if (shown.drawn !== shown.id || !shown.framed) chart.goTo(at);
  shown.framed = true;
  shown.drawn = shown.id;
}

function place({ lng, lat }) {
  const { parts } = shown;
  parts.datum.value = "wgs84";
  parts.lon.control.value = lng.toFixed(DIGITS);
  parts.lat.control.value = lat.toFixed(DIGITS);
  pins();
}

function pickPosition() {
  tapped(place);
}

function pickPlace(row) {
  tapped(({ lng, lat }) => {
    row.querySelector("[data-name=lon]").value = lng.toFixed(DIGITS);
    row.querySelector("[data-name=lat]").value = lat.toFixed(DIGITS);
    shown.parts.datum.value = "wgs84";
    pins();
    row.querySelector("[data-name=lon]").focus();
  });
}

function tapped(run) {
  tell(shown.status, "");
  shown.status.replaceChildren(...both("regPointNow"));
  byId("map").scrollIntoView({ block: "nearest" });
  chart.onTap((at) => {
    chart.onTap(null);
    shown.status.replaceChildren();
    run(at);
  });
}

// What the form says that the register does not; pairs go together, hours with their calendar.
function changed() {
  const { parts, values, id } = shown;
  const now = Object.assign({}, ...Object.values(parts).filter((part) => part.read).map((part) => part.read()));
  delete now.id;
  if (!id) return Object.fromEntries(Object.entries(now).filter(([, value]) => value));
  const names = new Set(Object.keys(now).filter((name) => !fields.isSame(name, now[name], values[name])));
  for (const pair of PAIRS) if (pair.some((name) => names.has(name))) pair.forEach((name) => names.add(name));
  if (HOUR_FIELDS.some((name) => names.has(name))) names.add("calendar");
  return Object.fromEntries([...names].map((name) => [name, now[name]]));
}

function look() {
  return sending(true);
}

function save() {
  return sending(false);
}

async function sending(dry) {
  const form = shown;
  const said = changed();
  unmark();
  if (!Object.keys(said).length) {
    form.status.replaceChildren(...both("regNothing"));
    return;
  }
  form.status.replaceChildren(...both("sending"));
  const body = { fields: said, datum: form.parts.datum.value, why: form.why.value, dry_run: dry };
  const path = form.id ? `edits/stations/${encodeURIComponent(form.id)}` : "edits/stations";
  try {
    const answer = await post(path, form.id ? { ...body, base: form.base } : { ...body, id: form.parts.id.control.value.trim() });
    if (shown !== form) return;
    if (dry) showLooked(answer);
    else await hooks.saved(answer);
  } catch (error) {
    if (shown === form) refused(error);
  }
}

function showLooked({ changes, warnings }) {
  shown.status.replaceChildren(...(changes.length ? [] : both("regNothing")));
  const parts = changes.length ? [make("h3", {}, ...both("regChanges")), changesTable(changes)] : [];
  if (warnings.length) parts.push(make("h3", {}, ...both("regWarnings")), faultTable(warnings, "regWarnings"));
  shown.looked.replaceChildren(...parts);
}

function refused(error) {
  const { status } = shown;
  status.classList.add("failed");
  if (error.status === 409 && shown.id) {
    const { id } = shown;
    status.replaceChildren(...both("regOvertaken", { why: error.message }), " ", button("regReload", () => openStation(id, { focus: true })));
  } else if (error.faults?.length) {
    status.replaceChildren(...both("regFaulty", { n: error.faults.length }));
    error.faults.forEach(mark);
    detail.querySelector("[aria-invalid=true]")?.focus();
  } else {
    status.replaceChildren(t("regDidNot", { why: error.message }));
  }
  status.scrollIntoView({ block: "nearest" });
}

// Put a fault beside its field; of one that has none here, into the status line.
function mark({ field: name, problem }) {
  const known = FAULT_OF[name] ?? name;
  const part = Object.values(shown.parts).find((each) => each.names?.includes(known));
  if (!part) {
    shown.status.append(" ", ...both("regFaultAt", { field: name, problem }));
    return;
  }
  const line = make("p", { class: "fault failed", id: `fault-${known}` }, problem);
  const control = part.element.querySelector(`[name="${known}"]`) ?? part.control;
  part.element.closest("details")?.setAttribute("open", "");
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", line.id);
  (control.closest("label") ?? part.element).after(line);
}

function unmark() {
  shown.status.classList.remove("failed");
  for (const line of detail.querySelectorAll(".fault")) line.remove();
  for (const control of detail.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

// Whether the form of this station ("" a new one) is there with something written and not saved.
export function holds(id) {
  return isUnsaved() && (shown.id ?? "") === id;
}

// Go on, at once or, where something is written that is not saved, when it is given up. Returns the
// station that is not left ("" a new one), or null.
export function leave(goOn) {
  if (!isUnsaved()) {
    goOn();
    return null;
  }
  const { id, status } = shown;
  const discard = button("regDiscard", () => {
    shown = null;
    goOn();
  });
  status.classList.add("failed");
  status.replaceChildren(...both("regUnsaved"), " ", discard);
  discard.scrollIntoView({ block: "center" });
  discard.focus();
  return id ?? "";
}

// Whether something is written that is not saved.
export function isUnsaved() {
  return Boolean(shown?.mine) && Object.keys(changed()).length > 0 && Boolean(shown.id || shown.parts.name.control.value);
}
