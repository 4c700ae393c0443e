// The round of a day: who goes, from where, and the routes on the map.

import { post } from "../api.js";
import { byId, make, say as tell } from "../dom.js";
import { distance, number, t, titled } from "../i18n.js";
import { lookAfter } from "../jobs.js";
import { view } from "../view.js";
import * as chart from "./chart.js";
import { nameOfMe, session } from "./session.js";

const form = byId("round-form");
const status = byId("round-status");
const LABELS = { start: "startAt", since: "workFrom", mode: "by" };
const MODES = ["car", "ebike", "walk", "truck"];
const COLOURS = ["#1d4ed8", "#a21caf", "#0f766e", "#b45309", "#be123c", "#4d7c0f"];
const PLACE = /^\s*(-?\d+(?:\.\d+)?)[\s,，]+(-?\d+(?:\.\d+)?)\s*$/;
let answer = null;
let job = null; // its id
let asking = null; // what ends the question under way

export function startRound() {
  form.addEventListener("submit", submit);
  byId("round-cancel").addEventListener("click", () => asking?.abort());
}

export function openRound() {
  const typed = Object.fromEntries(new FormData(form));
  writeForm(typed);
  if (answer) write();
  else chart.clear();
  chart.onTap(({ lat, lng }) => {
    form.elements.start.value = `${lat.toFixed(5)}, ${lng.toFixed(5)}`;
    drawStart();
  });
  drawStart();
}

let startMark = null;

function drawStart() {
  startMark?.remove();
  startMark = null;
  const start = startOf(form.elements.start.value);
  if (start) startMark = chart.mark(start, { name: "pin", size: 22, text: "▲", label: t("startAt"), colour: "#111827" });
}

function writeForm(typed) {
  const label = (name, input) => make("label", {}, t(LABELS[name] ?? name), input);
  const input = (name, attributes) => label(name, make("input", { name, ...attributes, value: typed[name] ?? attributes.value ?? "" }));
  const modes = make("select", { name: "mode" }, ...MODES.map((mode) => make("option", { value: mode, selected: typed.mode === mode }, t(mode))));
  const names = make("textarea", { name: "inspectors", rows: 2, maxlength: 600, required: true }, typed.inspectors ?? nameOfMe());
  form.replaceChildren(
    make("p", { class: "quiet" }, t("roundHelp")),
    make(
      "div",
      { class: "filters fields" },
      input("day", { type: "date", required: true, value: today() }),
      input("since", { type: "time", required: true, value: "08:30" }),
      input("till", { type: "time", required: true, value: "17:30" }),
      input("lunch", { type: "number", min: 0, max: 180, value: "60" }),
      input("most", { type: "number", min: 1, max: 400 }),
      label("mode", modes),
      input("start", { required: true, autocomplete: "off", inputmode: "decimal", placeholder: "25.04, 102.72" }),
    ),
    make("div", { class: "fields" }, label("inspectors", names)),
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary", disabled: Boolean(asking) }, t("plan"))),
  );
  form.elements.start.addEventListener("change", drawStart);
}

// Today in Beijing, as a date field has it.
function today() {
  return new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
}

function startOf(text) {
  const found = PLACE.exec(text);
  return found && { lat: Number(found[1]), lon: Number(found[2]) };
}

function wish() {
  const { day, since, till, lunch, most, mode, start, inspectors } = Object.fromEntries(new FormData(form));
  const at = startOf(start);
  if (!at) throw new Error(t("startWrong"));
  const names = inspectors.split("\n").map((name) => name.trim()).filter(Boolean);
  const { area } = session.me;
  return { date: day, mode, area, lunch: Number(lunch || 0), ...(most && { visits: Number(most) }), inspectors: names.map((name) => ({ name, start: { lon: at.lon, lat: at.lat }, from: since, until: till })) };
}

async function submit(event) {
  event.preventDefault();
  asking?.abort();
  const mine = (asking = new AbortController());
  busy(true);
  tell(status, t("planning"));
  try {
    const begun = await post("rounds/jobs", wish());
    const told = await lookAfter(begun, mine.signal, () => {});
    if (mine !== asking) return;
    [answer, job] = [told, begun.id];
    if (view.tab === "round") openRound();
    chart.fit(answer.routes.flatMap(({ start, stops }) => [start, ...stops]));
    status.scrollIntoView({ block: "nearest" });
  } catch (error) {
    if (error.name !== "AbortError") tell(status, t("didNot", { why: error.message }), { failed: true });
    else tell(status, "");
  } finally {
    if (mine === asking) {
      asking = null;
      busy(false);
    }
  }
}

function busy(yes) {
  byId("round-job").hidden = !yes;
  const button = form.querySelector("[type=submit]");
  if (button) button.disabled = yes;
}

function write() {
  const { routes, left_out: left, totals, method } = answer;
  const basis = method.estimated === "none" ? "roundByRoad" : "estimated";
  const counts = t("planned", { people: number(routes.length), stops: number(totals.visits), left: number(left.length) });
  tell(status, `${counts} ${t(basis)}`);
  chart.clear();
  routes.forEach(drawRoute);
  const links = make(
    "p",
    { class: "tools" },
    make("a", { class: "primary", href: `/visit?round=${encodeURIComponent(job)}` }, t("takeAlong")),
    make("a", { class: "plain", href: `/api/v1/rounds/jobs/${encodeURIComponent(job)}/sheet?format=pdf`, target: "_blank", rel: "noopener" }, t("printRound")),
    make("a", { class: "plain", href: `/api/v1/rounds/jobs/${encodeURIComponent(job)}/sheet?format=gpx`, download: "round.gpx" }, t("gpx")),
  );
  byId("round-result").replaceChildren(links, ...routes.map(routePart), ...(left.length ? [leftPart(left)] : []));
}

function drawRoute({ start, stops }, i) {
  if (!stops.length) return;
  const colour = COLOURS[i % COLOURS.length];
  chart.line([start, ...stops, start], { color: colour });
  for (const stop of stops) chart.mark(stop, { name: "pin", size: 24, text: String(stop.number), label: `${stop.arrive} ${stop.name}`, colour });
}

function routePart({ name, back, stops, metres }) {
  const far = metres == null ? "" : ` · ${distance(metres)}`;
  return make("section", { class: "route" }, make("h2", {}, t("route", { name, back, stops: number(stops.length) }), far), make("ol", { class: "stops" }, ...stops.map(stopPart)));
}

function stopPart(stop) {
  const why = Object.values(stop.why).map((each) => titled(each)).join(t("semicolon"));
  return make(
    "li",
    {},
    make("p", {}, make("strong", {}, `${stop.number}. ${stop.name}`), " ", t("stopTime", stop)),
    make("p", { class: "quiet" }, why),
    stop.findings.length ? make("ul", {}, ...stop.findings.map((each) => make("li", { class: each.severity }, make("span", { class: "grave" }, t(each.severity)), " ", titled(each.title)))) : null,
    make("p", { class: "tools" }, make("button", { type: "button", class: "plain", onclick: () => chart.goTo(stop) }, t("show"), make("span", { class: "unseen" }, ` ${stop.name}`)), navigation(stop)),
  );
}

function navigation({ links, name }) {
  const link = links?.find(({ app, mode, url }) => app === "amap" && mode !== "point" && url.startsWith("https:")) ?? links?.find(({ url }) => url.startsWith("https:"));
  return link ? make("a", { class: "plain", href: link.url, target: "_blank", rel: "noopener noreferrer" }, t("navigate"), make("span", { class: "unseen" }, ` ${name}`)) : null;
}

function leftPart(left) {
  return make("details", {}, make("summary", {}, `${t("leftOut")} (${number(left.length)})`), make("ul", {}, ...left.map((each) => make("li", {}, `${each.name} `, make("span", { class: "quiet" }, titled(each))))));
}
