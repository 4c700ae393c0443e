// The page that plans: a wish as a form, the plan as it comes, its files.

import { startAccount } from "./account.js";
import { get, post, whoAmI } from "./api.js";
import { switchLanguage, titled, whenLanguage } from "./i18n.js";
import { lookAfter } from "./jobs.js";

const { make, say, number, prepare, show } = window.planView;
const maps = { before: window.before_map, after: window.after_map };
const MODES = [["ebike", "电动车", "e-bike"], ["walk", "步行", "on foot"], ["car", "开车", "by car"], ["truck", "货车", "by truck"]];
const HOURS = [["all", "整周", "all week"], ["day", "白天 6–22 点", "day, 6 to 22"], ["night", "夜间 22–6 点", "night, 22 to 6"], ["weekends", "周末", "weekends"]];
const AIMS = [["most", "覆盖人时最多", "most worker-hours"], ["worst_county", "最差的县优先", "the worst county first"], ["equal_prefectures", "各州市经费均等", "equal shares by prefecture"]];
const STAGES = { reach: ["计算可达范围", "Working out who reaches what"], candidates: ["寻找候选站址", "Looking for places"], solve: ["求最好方案", "Looking for the best plan"], study: ["比较别的预算与价格", "Trying other budgets and prices"] };
const UNITS = { once: ["每次", "each time"], item: ["每项设施", "for each amenity"], weekly_hour: ["每周每小时", "for each hour a week"] };
const FILES = [["xlsx", "表格（XLSX）", "Workbook (XLSX)"], ["html", "地图（HTML）", "Map (HTML)"], ["gpkg", "图层（GPKG）", "Layer (GPKG)"], ["json", "方案文件（可复算、可采纳）", "Plan (to replay or accept)"]];
const TYPES = { xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", html: "text/html", gpkg: "application/geopackage+sqlite3", json: "application/json" };
const USUAL = ["toilet", "water"];

const byId = (id) => document.getElementById(id);
const form = byId("wish");
const fields = form.elements;
const both = (zh, en) => [make("span", { lang: "zh-CN" }, zh), make("span", { lang: "en" }, en)];
const known = { layers: [], amenities: [], kinds: [], prices: [], me: { role: "public" } };
const ACCEPT = new Set(["planner", "editor", "admin"]); // who may accept plans
let shown = null; // the plan on the page
const dropped = new Set(); // actions not to be accepted
let planned = null; // the id of its job
let asking = null; // what ends the question under way

prepare(maps);
whenLanguage(write);
byId("language").addEventListener("click", switchLanguage);
byId("cancel").addEventListener("click", () => asking?.abort());
form.addEventListener("submit", submit);
byId("accept").addEventListener("submit", accept);
addEventListener("pagehide", () => asking?.abort()); // nobody waits for it any more
startAccount();
load();

async function load() {
  try {
    const [{ layers }, { amenities }, { prices, kinds }, me] = await Promise.all([get("layers"), get("register"), get("site/prices"), whoAmI()]);
    Object.assign(known, { layers, amenities, kinds, prices, me });
  } catch (error) {
    trouble(error.message);
    return;
  }
  const tick = (name, checked) => ({ code, zh, en }) =>
    make("label", {}, make("input", { type: "checkbox", name, value: code, ...(checked(code) && { checked: "" }) }), ...both(zh, en));
  byId("needs").replaceChildren(...known.amenities.map(tick("needs", (code) => USUAL.includes(code))));
  byId("kinds").replaceChildren(...known.kinds.map(tick("actions", () => true)));
  write();
}

// Options have one language at a time; everything else has both, of which one is seen.
function write() {
  document.documentElement.lang = titled({ zh: "zh-CN", en: "en" });
  document.title = say("驿站建设方案", "Planning stations");
  const language = byId("language");
  language.textContent = say("English", "中文");
  language.lang = say("en", "zh-CN");
  for (const element of document.querySelectorAll("[data-zh]")) element.setAttribute("aria-label", say(element.dataset.zh, element.dataset.en));
  choose(fields.layer, known.layers.map(({ name, zh, en }) => [name, zh, en]), "parks");
  choose(fields.mode, MODES, "ebike");
  choose(fields.hours, HOURS, "all");
  choose(fields.objective, AIMS, "most");
  writePrices();
  shown?.retell();
}

function choose(select, options, usual) {
  const before = select.value || usual;
  select.replaceChildren(...options.map(([value, zh, en]) => make("option", { value }, say(zh, en))));
  if (options.some(([value]) => value === before)) select.value = before;
}

function writePrices() {
  const inputs = [...byId("prices").querySelectorAll("input")];
  const typed = inputs.map((input) => input.value);
  const word = (list, code) => titled(list.find((each) => each.code === code) ?? { zh: code, en: code });
  const head = [["措施", "Action"], ["设施", "amenity"], ["计价", "unit"], ["元", "yuan"], ["依据", "basis"]];
  const rows = known.prices.map((price, i) => {
    const label = `${word(known.kinds, price.action)} ${word(known.amenities, price.item)} ${say(...UNITS[price.unit])}`;
    const input = make("input", { type: "number", step: "1", value: typed[i] ?? price.yuan, "aria-label": label });
    return make("tr", {}, make("td", {}, word(known.kinds, price.action), price.area && ` ${price.area}`), make("td", {}, word(known.amenities, price.item)), make("td", {}, say(...UNITS[price.unit])), make("td", { class: "number" }, input), make("td", { class: "quiet" }, price.basis));
  });
  byId("prices").replaceChildren(
    make("thead", {}, make("tr", {}, ...head.map(([zh, en]) => make("th", { scope: "col" }, say(zh, en))))),
    make("tbody", {}, ...rows),
  );
}

function wish() {
  const ticked = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map(({ value }) => value);
  const whole = (name) => (fields[name].value === "" ? null : Number(fields[name].value));
  const money = fields.budget.value.split(/[,，;；\s]+/).filter(Boolean);
  const inputs = [...byId("prices").querySelectorAll("input")];
  return {
    layer: fields.layer.value,
    within: fields.within.value.replace(/\s/g, ""),
    mode: fields.mode.value,
    needs: ticked("needs"),
    hours: fields.hours.value,
    actions: ticked("actions"),
    budget: money.length ? money.map(Number) : null,
    sites: whole("sites"),
    cover_all: fields.cover_all.checked,
    objective: fields.objective.value,
    per_county: whole("per_county"),
    spacing: whole("spacing"),
    time_limit: whole("time_limit"),
    frontier: fields.frontier.checked,
    prices: known.prices.map((price, i) => ({ ...price, yuan: Number(inputs[i].value) })),
  };
}

async function submit(event) {
  event.preventDefault();
  asking?.abort();
  const mine = (asking = new AbortController());
  trouble("");
  busy(true);
  try {
    tell({ progress: { stage: "candidates", done: 0, total: 0 } });
    const begun = await post("site/jobs", wish());
    const answer = await lookAfter(begun, mine.signal, tell);
    if (mine === asking) receive(answer, begun.id);
  } catch (error) {
    if (error.name !== "AbortError") trouble(error.message);
  } finally {
    if (mine === asking) busy(false);
  }
}

function busy(yes) {
  byId("job").hidden = !yes;
  byId("cancel").hidden = !yes;
  byId("go").disabled = yes;
}

function tell({ progress: { stage, done, total } }) {
  const bar = byId("progress");
  if (total) bar.max = total;
  if (total) bar.value = done;
  else bar.removeAttribute("value");
  const words = say(...(STAGES[stage] ?? ["等候轮到", "Waiting its turn"]));
  const seconds = stage === "solve" && total ? say(` ${number(done)} / ${number(total)} 秒`, ` ${number(done)} / ${number(total)} s`) : "";
  byId("stage").textContent = `${words}${seconds}…`;
}

function trouble(text) {
  byId("trouble").textContent = text;
}

function receive(answer, job) {
  shown?.clear();
  planned = job;
  dropped.clear();
  byId("plan").hidden = false;
  const { name, role } = known.me;
  shown = show(answer.page, maps, ACCEPT.has(role) ? tickToAccept : null);
  const offered = FILES.filter(([kind]) => answer.files[kind]);
  byId("files").replaceChildren(...offered.map(([kind, zh, en]) => make("button", { type: "button", onclick: () => take(kind, answer.files[kind]) }, ...both(zh, en))));
  byId("adopt").hidden = !ACCEPT.has(role) || !answer.page.actions.length;
  byId("accept-who").hidden = name !== "staff"; // an account accepts in its own name
  byId("longer").hidden = role !== "public" || answer.status !== "time limit";
  byId("accepted").textContent = "";
  byId("plan").focus();
}

// What is not ticked is remembered while the language changes.
function tickToAccept({ id, restricted }) {
  if (restricted) return make("p", { class: "quiet" }, ...both("位置取自受限图层，不可采纳。", "Its place is from a restricted layer: not to be accepted."));
  const change = ({ target }) => (target.checked ? dropped.delete(id) : dropped.add(id));
  const box = make("input", { type: "checkbox", name: "action", value: id, form: "accept", onchange: change, ...(!dropped.has(id) && { checked: "" }) });
  return make("label", {}, box, ...both("采纳", "accept"));
}

async function accept(event) {
  event.preventDefault();
  const { who, why } = event.target.elements;
  const actions = [...document.querySelectorAll("#actions [name=action]:checked")].map(({ value }) => value);
  const said = byId("accepted");
  said.className = "";
  try {
    const { planned: count, revision } = await post(`site/jobs/${planned}/accept`, { who: who.value, why: why.value, actions });
    said.replaceChildren(...(revision == null ? both("登记中已有，未作改动。", "The register has all of it already.") : both(`已记入 ${number(count)} 处规划驿站（版本 ${revision}）。`, `${number(count)} planned stations recorded (revision ${revision}).`)));
  } catch (error) {
    said.className = "failed";
    said.textContent = error.message;
  }
}

function take(kind, packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const href = URL.createObjectURL(new Blob([bytes], { type: TYPES[kind] }));
  make("a", { href, download: `plan.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
