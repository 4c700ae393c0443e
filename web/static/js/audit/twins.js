// Records that may be told twice, side by side; an editor makes two of them one.

import { get, post } from "../api.js";
import { byId, make, say as tell } from "../dom.js";
import { distance, number, percent, t, titled } from "../i18n.js";
import { change, view } from "../view.js";
import * as chart from "./chart.js";
import { load as loadFindings } from "./list.js";
import { may } from "./session.js";

const status = byId("twins-status");
const SIDES = ["left", "right"];
const COLOURS = { left: "#1d4ed8", right: "#a21caf" };
let answer = null;
let said = ""; // what was done last

export async function openTwins({ again = false }) {
  if (again) {
    if (answer) write();
    return;
  }
  chart.clear();
  tell(status, t("loading"));
  try {
    answer = await get("audit/duplicates");
  } catch (error) {
    tell(status, t("didNot", { why: error.message }), { retry: { label: t("retry"), run: () => openTwins({}) } });
    return;
  }
  if (view.tab === "twins") write();
}

function write() {
  const { pairs, total } = answer;
  tell(status, [said, total ? t("twinsCount", { n: number(total) }) : t("twinsNone")].filter(Boolean).join(" "));
  byId("twins-list").replaceChildren(...pairs.map(pairPart));
  chart.clear();
  for (const pair of pairs) drawPair(pair);
  chart.fit(pairs.flatMap(({ left, right }) => [left, right]));
}

function drawPair(pair) {
  chart.line(SIDES.map((side) => pair[side]), { dashArray: "4 4", color: "#6b7280" });
  for (const side of SIDES) chart.mark(pair[side], { name: "pin", size: 24, text: t(`${side}Mark`), label: pair[side].name, colour: COLOURS[side] });
}

function pairPart(pair) {
  const place = make("div");
  const button = (keep, drop, key) => make("button", { type: "button", class: "plain", onclick: () => ask(pair, pair[keep], pair[drop], place) }, t(key));
  return make(
    "article",
    { class: "twin" },
    make("h2", {}, pair.left.name === pair.right.name ? pair.left.name : `${pair.left.name} / ${pair.right.name}`),
    make("p", { class: "quiet" }, t("apart", { far: distance(pair.metres) }), ...pair.told.flatMap((fact) => [t("semicolon"), `${titled(fact)} ${titled(fact.value)}`])),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": pair.left.name }, table(pair)),
    make(
      "div",
      { class: "tools" },
      ...(pair.mine ? [button("left", "right", "keepLeft"), button("right", "left", "keepRight")] : [make("p", { class: "quiet" }, t("notMine"))]),
      make("button", { type: "button", class: "plain", onclick: () => chart.fit([pair.left, pair.right], 18) }, t("show")),
      pair.finding == null || !may("inspector") ? null : make("button", { type: "button", class: "plain", onclick: () => settle(pair) }, t("falseAlarm")),
    ),
    place,
  );
}

function table(pair) {
  const head = SIDES.map((side) => make("th", { scope: "col" }, t(side, { id: pair[side].id }), make("span", { class: "came" }, t("pieces", { n: number(pair[side].pieces), trust: percent(pair[side].trust) }))));
  const rows = pair.fields.filter((field) => titled(field.left) || titled(field.right)).map(fieldRow);
  return make("table", { class: "table" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, t("field")), ...head)), make("tbody", {}, ...rows));
}

function fieldRow(field) {
  const came = [field.if_left === "right" && t("cameLeft"), field.if_right === "left" && t("cameRight")];
  return make(
    "tr",
    { class: field.differs && "differs" },
    make("th", { scope: "row" }, titled(field), field.differs ? make("span", { class: "came" }, t("differs")) : null),
    make("td", {}, titled(field.left) || "–", came[0] ? make("span", { class: "came" }, came[0]) : null),
    make("td", {}, titled(field.right) || "–", came[1] ? make("span", { class: "came" }, came[1]) : null),
  );
}

function ask(pair, keep, drop, place) {
  const why = make("textarea", { rows: 2, maxlength: 500, required: true, name: "why" });
  const line = make("p", { role: "status" });
  const form = make(
    "form",
    { class: "step-form" },
    make("p", {}, t("mergeWhat", { keep: `${keep.name} ${keep.id}`, drop: `${drop.name} ${drop.id}` })),
    make("div", { class: "fields" }, make("label", {}, t("why"), why)),
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, t("submit")), make("button", { type: "button", class: "plain", onclick: () => place.replaceChildren() }, t("cancel"))),
    line,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell(line, t("sending"));
    try {
      const made = await post("merges", { keep: keep.id, drop: drop.id, why: why.value, base: answer.revision });
      said = t("merged", { n: made.revision });
      await openTwins({});
      loadFindings();
      status.scrollIntoView({ block: "nearest" });
    } catch (error) {
      tell(line, error.status === 409 ? t("changedMeanwhile", { why: error.message }) : t("didNot", { why: error.message }), { failed: true });
    }
  });
  place.replaceChildren(form);
  why.focus();
}

function settle(pair) {
  change({ tab: "findings", finding: String(pair.finding) }, { step: true });
  dispatchEvent(new PopStateEvent("popstate"));
}
