// Uploads and records that behave like another datum: both pins, the metres between, correcting them.

import { get, post } from "../api.js";
import { byId, make, say as tell } from "../dom.js";
import { distance, number, t, titled } from "../i18n.js";
import { change, view } from "../view.js";
import * as chart from "./chart.js";
import { load as loadFindings } from "./list.js";
import { may } from "./session.js";

const status = byId("datum-status");
const NOW = "#a61b1b";
const THEN = "#0f766e";
const DRAWN = 100; // pairs of pins shown at once
let answer = null;
let said = ""; // what was done last

export async function openDatum({ again = false }) {
  if (again) {
    if (answer) write();
    return;
  }
  chart.clear();
  tell(status, t("loading"));
  try {
    answer = await get("audit/datum");
  } catch (error) {
    tell(status, t("didNot", { why: error.message }), { retry: { label: t("retry"), run: () => openDatum({}) } });
    return;
  }
  if (view.tab === "datum") write();
}

function write() {
  const { uploads, records, total } = answer;
  tell(status, [said, total ? t("datumCount", { n: number(total) }) : t("datumNone")].filter(Boolean).join(" "));
  const alone = records.filter((each) => each.upload == null);
  byId("datum-list").replaceChildren(...uploads.map(uploadPart), ...(alone.length ? [alonePart(alone)] : []));
  draw(records);
}

function draw(records) {
  chart.clear();
  const shown = records.slice(0, DRAWN);
  for (const slip of shown) drawSlip(slip);
  chart.fit(shown.flatMap(ends), 16);
}

function ends({ lon, lat, to_lon, to_lat }) {
  return [{ lon, lat }, { lon: to_lon, lat: to_lat }];
}

function drawSlip(slip) {
  const [from, to] = ends(slip);
  chart.line([from, to], { color: "#374151" });
  chart.mark(from, { name: "pin", size: 24, text: t("pinNowMark"), label: `${slip.name} ${t("pinNow")}`, colour: NOW });
  chart.mark(to, { name: "pin", size: 24, text: t("pinThenMark"), label: `${slip.name} ${t("moves", { far: distance(slip.metres) })}`, colour: THEN });
}

function uploadPart(upload) {
  const mine = answer.records.filter((each) => each.upload === upload.upload);
  const place = make("div");
  const values = { declared: titled(upload.said.declared), like: titled(upload.said.behaves_like), n: number(upload.stations.length), far: upload.metres == null ? "–" : distance(upload.metres) };
  const send = { upload: upload.upload, datum: upload.behaves_like };
  const apply = make("button", { type: "button", class: "primary", onclick: () => ask(send, upload.stations.length, values.like, place) }, t("applyAll", { n: values.n }));
  return make(
    "article",
    { class: "slip" },
    make("h2", {}, t("upload", { name: upload.upload })),
    make("p", {}, t("behaves", values)),
    make("p", { class: "quiet" }, t("speak", { pro: number(upload.pro), contra: number(upload.contra), odds: number(upload.log10_odds) })),
    make("div", { class: "tools" }, upload.mine ? apply : make("p", { class: "quiet" }, t("notMine")), make("button", { type: "button", class: "plain", onclick: () => draw(mine) }, t("show"))),
    place,
    make("ol", {}, ...mine.map((slip) => slipRow(slip, false))),
  );
}

function alonePart(slips) {
  return make("article", { class: "slip" }, make("h2", {}, t("single")), make("ol", {}, ...slips.map((slip) => slipRow(slip, true))));
}

function slipRow(slip, alone) {
  const place = make("div");
  const like = slip.told.find((fact) => fact.en === "behaves like");
  const send = { stations: [slip.station], datum: slip.behaves_like };
  return make(
    "li",
    {},
    make("p", {}, make("strong", {}, slip.name), " ", make("span", { class: "quiet" }, slip.station), " ", t("moves", { far: distance(slip.metres) }), alone && like ? ` ${titled(like.value)}` : ""),
    make(
      "div",
      { class: "tools" },
      make("button", { type: "button", class: "plain", onclick: () => chart.fit(ends(slip), 17) }, t("show"), make("span", { class: "unseen" }, ` ${slip.name}`)),
      slip.mine ? make("button", { type: "button", class: "plain", onclick: () => ask(send, 1, like ? titled(like.value) : slip.behaves_like, place) }, t("applyOne"), make("span", { class: "unseen" }, ` ${slip.name}`)) : null,
      slip.finding == null || !may("inspector") ? null : make("button", { type: "button", class: "plain", onclick: () => settle(slip) }, t("falseAlarm"), make("span", { class: "unseen" }, ` ${slip.name}`)),
    ),
    place,
  );
}

function ask(send, count, like, place) {
  const why = make("textarea", { rows: 2, maxlength: 500, required: true, name: "why" });
  const line = make("p", { role: "status" });
  const form = make(
    "form",
    { class: "step-form" },
    make("p", {}, t("applyWhat", { like, n: number(count) })),
    make("div", { class: "fields" }, make("label", {}, t("why"), why)),
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, t("submit")), make("button", { type: "button", class: "plain", onclick: () => place.replaceChildren() }, t("cancel"))),
    line,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell(line, t("sending"));
    try {
      const made = await post("audit/datum", { ...send, why: why.value, base: answer.revision });
      said = t("corrected", { n: number(made.stations.length), revision: made.revision });
      await openDatum({});
      loadFindings();
      status.scrollIntoView({ block: "nearest" });
    } catch (error) {
      tell(line, error.status === 409 ? t("changedMeanwhile", { why: error.message }) : t("didNot", { why: error.message }), { failed: true });
    }
  });
  place.replaceChildren(form);
  why.focus();
}

function settle(slip) {
  change({ tab: "findings", finding: String(slip.finding) }, { step: true });
  dispatchEvent(new PopStateEvent("popstate"));
}
