// One's own account: who one is, a new password, sessions, tokens.

import { erase, get, post, signOut, whoAmI } from "../api.js";
import { byId, make } from "../dom.js";
import { areaWords, both, called, clock, fail, once, roleWords, startPage, tell } from "./page.js";

const state = byId("state");

startPage();
byId("sign-out").addEventListener("click", async () => {
  await signOut();
  location.assign("/map");
});
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
  byId("sign-out").hidden = false;
  byId("must").hidden = !me.must_change;
  byId("password-part").hidden = !account;
  byId("sessions-part").hidden = me.must_change;
  byId("tokens-part").hidden = !usable;
  if (!me.must_change) await showSessions();
  if (usable) await showTokens();
}

async function showSessions() {
  const { sessions } = await get("me/sessions");
  byId("sessions").replaceChildren(...sessions.map(({ id, created, used, current }) => make("li", {},
    make("span", { class: "grow" }, ...both(`${clock(created)} 登录，${clock(used)} 用过`, `since ${clock(created)}, last used ${clock(used)}`)),
    current ? make("span", { class: "quiet" }, ...both("就是这里", "this one")) : remover(`me/sessions/${id}`, both("结束", "End"), showSessions))));
}

async function showTokens() {
  const { tokens, scopes } = await get("me/tokens");
  byId("tokens").replaceChildren(...tokens.map(({ id, label, scopes: may, expires, used }) => make("li", {},
    make("span", { class: "grow" }, make("strong", {}, label), ` ${may.join(" ")} · `, ...both(`到 ${clock(expires)}`, `until ${clock(expires)}`), " · ", ...(used ? both(`${clock(used)} 用过`, `used ${clock(used)}`) : both("没有用过", "never used"))),
    remover(`me/tokens/${id}`, both("作废", "Revoke"), showTokens))));
  if (byId("scopes").childElementCount) return;
  byId("make-it").disabled = false;
  byId("scopes").append(...Object.entries(scopes).map(([scope, [zh, en]]) => make("label", { class: "tick" }, make("input", { type: "checkbox", name: "scope", value: scope, ...(scope === "read" && { checked: true }) }), make("span", {}, make("b", {}, scope), " ", ...both(zh, en)))));
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
    tell(said, [...both("只显示这一次，请马上抄走：", "Shown this once, take it now: "), make("code", {}, token)]);
    await showTokens();
  } catch (error) {
    fail(said, error);
  }
}
