// One's own account: who one is, a new password, sessions, tokens.

import { startAccount } from "../account.js";
import { erase, get, post, whoAmI } from "../api.js";
import { byId, make } from "../dom.js";
import { both, startLanguage } from "../i18n.js";
import { areaWords, called, clock, detailWords, eventWords, fail, once, roleWords, startShowing, tell } from "./page.js";

const state = byId("state");

startLanguage();
startAccount();
startShowing(byId("old"), byId("new"));
byId("change").addEventListener("submit", (event) => sent(event, change));
byId("make").addEventListener("submit", (event) => sent(event, makeToken));
load();

function sent(event, work) {
  event.preventDefault();
  once(event.submitter, work);
}

async function load() {
  try {
    const me = await whoAmI();
    byId("nobody").hidden = Boolean(me.name);
    byId("mine").hidden = !me.name;
    if (me.name) await show(me);
    tell(state);
  } catch (error) {
    fail(state, error);
  }
}

async function show(me) {
  const account = me.name !== "staff"; // the staff token has neither password nor tokens
  const usable = account && !me.must_change;
  byId("who").replaceChildren(...called(me), " · ", ...roleWords(me.role), " · ", ...areaWords(me));
  byId("username").value = me.name; // for the browser's own keeper of passwords
  byId("admin").hidden = me.role !== "admin" || me.must_change;
  byId("must").hidden = !me.must_change;
  byId("password-part").hidden = !account || me.by_provider;
  byId("sessions-part").hidden = me.must_change;
  byId("log-part").hidden = byId("tokens-part").hidden = !usable;
  if (!me.must_change) await showSessions();
  if (usable) await Promise.all([showTokens(), showLog()]);
}

async function showLog() {
  const { log } = await get("me/log");
  byId("log").replaceChildren(...log.map(({ at, who, account, event, details }) => make("li", {},
    make("span", { class: "grow" }, `${clock(at)} `, make("strong", {}, ...eventWords(event)), who === account || !who ? "" : ` · ${who}`, ...(details ? [" · ", ...detailWords(details)] : [])))));
}

async function showSessions() {
  const { sessions } = await get("me/sessions");
  byId("sessions").replaceChildren(...sessions.map(({ id, created, used, current }) => make("li", {},
    make("span", { class: "grow" }, ...both("sessionSince", { created: clock(created), used: clock(used) })),
    current ? make("span", { class: "quiet" }, ...both("sessionThis")) : remover(`me/sessions/${id}`, both("sessionEnd"), showSessions))));
}

async function showTokens() {
  const { tokens, scopes } = await get("me/tokens");
  byId("tokens").replaceChildren(...tokens.map(({ id, label, scopes: may, expires, used }) => make("li", {},
    make("span", { class: "grow" }, make("strong", {}, label), ` ${may.join(" ")} · `, ...both("tokenUntil", { day: clock(expires) }), " · ", ...(used ? both("tokenUsed", { day: clock(used) }) : both("neverUsed"))),
    remover(`me/tokens/${id}`, both("tokenRevoke"), tokensChanged))));
  if (byId("scopes").childElementCount) return;
  byId("make-it").disabled = false;
  byId("scopes").append(...Object.keys(scopes).map((scope) => make("label", { class: "tick" }, make("input", { type: "checkbox", name: "scope", value: scope, ...(scope === "read" && { checked: true }) }), make("span", {}, make("b", {}, scope), " ", ...both(`scope_${scope}`)))));
}

function tokensChanged() {
  return Promise.all([showTokens(), showLog()]);
}

function remover(path, words, after) {
  const button = make("button", { type: "button", class: "plain" }, ...words);
  button.addEventListener("click", () => once(button, async () => {
    try {
      await erase(path);
      await after();
    } catch (error) {
      fail(state, error);
    }
  }));
  return button;
}

async function change() {
  const said = byId("changed");
  tell(said);
  try {
    await post("me/password", { old: byId("old").value, new: byId("new").value });
    byId("change").reset();
    location.reload(); // the session is a new one
  } catch (error) {
    fail(said, error);
  }
}

async function makeToken() {
  const said = byId("made");
  tell(said);
  try {
    const scopes = [...document.querySelectorAll("[name=scope]:checked")].map(({ value }) => value);
    const { token } = await post("me/tokens", { label: byId("label").value, scopes, days: Number(byId("days").value) });
    tell(said, [...both("shownOnce"), make("code", {}, token)]);
    await tokensChanged();
  } catch (error) {
    fail(said, error);
  }
}
