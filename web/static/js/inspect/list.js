// The stops of the day and the visits made: what waits, what was sent, what came back.

import { byId, make } from "../dom.js";
import { clockText, number, t } from "../i18n.js";
import { known } from "./account.js";
import { local } from "./form.js";
import { sendAll, sending } from "./send.js";
import { resultParts } from "./told.js";
import { become, drop, lastVisit, progress, reopen, still, visitOf, waiting, work } from "./work.js";

const GOING_ON = { draft: "goOn", sent: "beginAgain" };
const NONE = { form: { questions: [] } };

// Write the lists; `open(visit)` shows a draft, `start(stop)` begins a visit. Who is at a button
// stays at it, or goes to the heading if it is gone.
export function showLists(open, start) {
  const held = document.activeElement?.closest("#list [data-act]")?.dataset.act;
  writeLists(open, start);
  if (!held) return;
  const again = [...document.querySelectorAll("#list [data-act]")].find(({ dataset, disabled }) => dataset.act === held && !disabled);
  (again ?? byId("stops-title")).focus();
}

function writeLists(open, start) {
  const current = work.visits.filter(({ state }) => state !== "sent").reverse();
  const past = work.visits.filter(({ state }) => state === "sent").reverse();
  byId("queue").hidden = !current.length;
  byId("past").hidden = !past.length;
  byId("sending").replaceChildren(...queueParts());
  const ofVisit = (visit) => [visit.key, visit.state, visit.reason, visit.attempts, visit.at, progress(visit).done];
  fill(byId("visits"), current, ofVisit, (visit) => visitCard(visit, open));
  fill(byId("sent"), past, ofVisit, (visit) => visitCard(visit, open));
  const ofStop = (stop) => [stop, work.forms.get(stop.id)?.at, ...ofVisit(lastVisit(stop.id) ?? NONE)];
  fill(byId("stops"), work.stops, ofStop, (stop) => stopCard(stop, start, open));
}

// Cards that say the same stay, so that a tap under way is not lost.
function fill(place, things, saying, card) {
  const before = new Map([...place.children].map((each) => [each.said, each]));
  const cards = things.map((thing) => {
    const said = JSON.stringify([document.documentElement.lang, ...saying(thing)]);
    return before.get(said) ?? Object.assign(card(thing), { said });
  });
  if (cards.length !== place.children.length || cards.some((each, i) => each !== place.children[i])) place.replaceChildren(...cards);
}

function queueParts() {
  const count = waiting().length;
  if (!count) return [];
  const text = sending.running ? t("sendingNow", { n: number(count) }) : t("waitingNow", { n: number(count) });
  const why = !sending.running && sending.why ? make("p", { class: "failed" }, sending.why) : null;
  const button = make("button", { type: "button", class: "primary wide", id: "send", "data-act": "send", disabled: sending.running || known === false || !navigator.onLine, onclick: sendAll }, t("sendNow"));
  return [make("p", {}, text), why, button].filter(Boolean);
}

// What a card does, it does to the visit as it then is: cards outlive what they were made of.
function visitCard(visit, open) {
  const { name } = visit.form.station;
  const now = () => visitOf(visit.key);
  const change = async () => {
    const mine = await still(visit.key, visit.state);
    if (!mine) return;
    await reopen(mine);
    open(mine);
  };
  const button = (word, run, more = {}) => make("button", { type: "button", class: "plain", "data-act": `${visit.key} ${word}`, onclick: run, ...more }, t(word), make("span", { class: "unseen" }, ` ${name}`));
  const actions = {
    draft: () => [button("goOn", () => open(visit), { class: "primary" }), dropButton(now, button)],
    waiting: () => (visit.attempts ? [] : [button("change", change)]),
    sending: () => [],
    refused: () => [
      button("tryAgain", async () => {
        const mine = await still(visit.key, "refused");
        if (!mine) return;
        await become(mine, "waiting");
        sendAll();
      }),
      button("change", change),
      dropButton(now, button),
    ],
    sent: () => [],
  }[visit.state]();
  return make(
    "li",
    { class: "card", "data-state": visit.state, "data-key": visit.key },
    make("h3", {}, name, " ", stateMark(visit)),
    make("p", { class: "quiet" }, clockText(local(visit.at ?? visit.begun))),
    visit.reason ? reasonLine(visit) : null,
    ...(visit.state === "sent" ? resultParts(visit) : []),
    actions.length ? make("div", { class: "actions" }, ...actions) : null,
  );
}

function reasonLine({ state, reason: why }) {
  return state === "refused" ? make("p", { class: "failed" }, t("refusedWhy", { why })) : make("p", { class: "quiet" }, t("notYetWhy", { why }));
}

// Deleting is asked twice, in place: the second tap is another button.
function dropButton(now, button) {
  const first = button("drop", () => {
    const sure = button("dropSure", () => drop(now()), { class: "plain danger" });
    first.replaceWith(sure);
    sure.focus();
  });
  return first;
}

function stateMark(visit) {
  const { done, all } = progress(visit);
  const text = visit.state === "draft" ? t("stateDraft", { done: number(done), all: number(all) }) : t(`state_${visit.state}`);
  return make("span", { class: `state ${visit.state}` }, text);
}

function stopCard(stop, start, open) {
  const visit = lastVisit(stop.id);
  const taken = work.forms.get(stop.id);
  const act = visit?.state === "draft" ? () => open(visit) : () => start(stop);
  const label = visit?.state === "draft" ? "goOn" : visit ? GOING_ON[visit.state] : "begin";
  const facts = [
    stop.arrive && t("arriveAt", { time: stop.arrive }),
    stop.findings?.length && t("openFindings", { n: number(stop.findings.length) }),
    taken ? t("takenAt", { time: clockText(local(taken.at)) }) : t("notTaken"),
  ].filter(Boolean);
  return make(
    "li",
    { class: "card", "data-station": stop.id },
    make("h3", {}, stop.name, " ", visit ? stateMark(visit) : null),
    make("p", { class: "quiet" }, facts.join(" · ")),
    label ? make("button", { type: "button", class: visit?.state === "sent" ? "plain wide" : "primary wide", "data-act": `stop ${stop.id}`, onclick: act }, t(label), make("span", { class: "unseen" }, ` ${stop.name}`)) : null,
  );
}
