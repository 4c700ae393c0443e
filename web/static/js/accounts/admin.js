// Everybody's accounts, for admins: made, changed, put out of use; what was done at them.

import { startAccount } from "../account.js";
import { erase, get, patch, post, replace, whoAmI } from "../api.js";
import { byId, make, setText } from "../dom.js";
import { both, startLanguage, t } from "../i18n.js";
import { areaWords, called, clock, detailWords, eventWords, fail, once, ROLES, roleWords, tell } from "./page.js";

const told = byId("told");
const opened = new Set(); // names of accounts whose form is open
let mine = "";
let linkable = false; // whether there is a provider of sign-in

startLanguage(writeRoles);
startAccount();
byId("make").addEventListener("submit", (event) => {
  event.preventDefault();
  once(event.submitter, makeAccount);
});
load();

async function load() {
  const state = byId("state");
  try {
    const { name, role } = await whoAmI();
    mine = name;
    byId("nobody").hidden = role === "admin";
    byId("all").hidden = role !== "admin";
    if (role === "admin") await show();
    tell(state);
  } catch (error) {
    fail(state, error);
  }
}

async function show() {
  const [{ accounts, provider }, { log }] = await Promise.all([get("accounts"), get("account-log")]);
  linkable = provider;
  byId("list").replaceChildren(...(accounts.length ? accounts.map(row) : [make("li", { class: "empty" }, ...both("accountsNone"))]));
  const heads = ["logWhen", "logWho", "logAccount", "logWhat", "logDetails"];
  byId("log").replaceChildren(
    make("thead", {}, make("tr", {}, ...heads.map((key) => make("th", { scope: "col" }, ...both(key))))),
    make("tbody", {}, ...log.map(({ at, who, account, event, details }) => make("tr", {}, ...[[clock(at)], [who], [account], eventWords(event), detailWords(details)].map((parts) => make("td", {}, ...parts))))),
  );
}

function row(account) {
  const item = make("li", account.active ? {} : { class: "off" },
    make("span", { class: "grow" }, ...called(account), " · ", ...roleWords(account.role), " · ", ...areaWords(account), ...(account.active ? [] : [" · ", ...both("notInUse")]), ...there(account)));
  if (account.name === mine) return item;
  const button = make("button", { type: "button", class: "plain", "aria-expanded": String(opened.has(account.name)) }, ...both("accountChange"));
  button.addEventListener("click", () => {
    if (!opened.delete(account.name)) opened.add(account.name);
    const anew = row(account);
    item.replaceWith(anew);
    anew.querySelector("button").focus();
  });
  item.append(button);
  if (opened.has(account.name)) item.append(editor(account), ...(linkable ? [linker(account)] : []));
  return item;
}

function editor(account) {
  const title = make("input", { value: account.title, maxlength: 100, autocomplete: "off" });
  const role = roleChoice(account.role);
  const area = make("input", { value: account.area, maxlength: 6, inputmode: "numeric", autocomplete: "off" });
  const path = `accounts/${encodeURIComponent(account.name)}`;
  const save = make("button", { type: "submit", class: "primary" }, ...both("save"));
  const off = make("button", { type: "button", class: "plain" }, ...(account.active ? both("disable") : both("enable")));
  const reset = make("button", { type: "button", class: "plain" }, ...both("passwordReset"));
  const form = make("form", {},
    make("label", {}, ...both("accountTitle"), title),
    make("label", {}, ...both("role"), role),
    make("label", {}, ...both("areaCode"), area),
    save, off, reset);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(save, () => done(() => patch(path, { title: title.value, role: role.value, area: area.value })));
  });
  off.addEventListener("click", () => once(off, () => done(() => patch(path, { active: !account.active }))));
  reset.addEventListener("click", () => {
    if (reset.dataset.sure) once(reset, () => done(() => post(`${path}/password`, {})));
    else reset.replaceChildren(...both("passwordResetSure"));
    reset.dataset.sure = "yes"; // the old password ends at once: it is asked again
  });
  return form;
}

// Who an account is at the provider of sign-in, in words.
function there({ identity }) {
  if (!identity) return [];
  return [" · ", ...(identity.email ? both("identityAwaited", { email: identity.email }) : both("identityKnown"))];
}

// A form that says who an account is at the provider: by its number there, or by an address.
function linker({ name, identity }) {
  const subject = make("input", { value: identity?.subject ?? "", maxlength: 255, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const email = make("input", { value: identity?.email ?? "", maxlength: 255, inputmode: "email", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const path = `accounts/${encodeURIComponent(name)}/identity`;
  const save = make("button", { type: "submit", class: "plain" }, ...both("identityLink"));
  const off = make("button", { type: "button", class: "plain", hidden: !identity }, ...both("identityUnlink"));
  const form = make("form", {},
    make("label", {}, ...both("identitySubject"), subject),
    make("label", {}, ...both("identityEmail"), email),
    save, off);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(save, () => done(() => replace(path, { subject: subject.value.trim(), email: email.value.trim() })));
  });
  off.addEventListener("click", () => once(off, () => done(() => erase(path))));
  return form;
}

// Do something, say what came of it, show all anew.
async function done(work) {
  tell(told);
  try {
    const { account, password } = await work();
    tell(told, password ? [...both("passwordMade", { name: account.name }), make("code", {}, password)] : both("saved"));
    await show();
    return true;
  } catch (error) {
    fail(told, error);
    return false;
  } finally {
    told.scrollIntoView({ block: "nearest" });
    told.focus(); // what was pressed is drawn anew
  }
}

async function makeAccount() {
  const wish = { name: byId("name").value, title: byId("title").value, role: byId("role").value, area: byId("area").value };
  if (await done(() => post("accounts", wish))) byId("make").reset();
}

function roleChoice(chosen) {
  return make("select", {}, ...ROLES.map((code) => make("option", { value: code, selected: code === chosen }, t(`role_${code}`))));
}

// Options have one language at a time.
function writeRoles() {
  const select = byId("role");
  const before = select.value || "inspector";
  select.replaceChildren(...ROLES.map((code) => make("option", { value: code, selected: code === before }, t(`role_${code}`))));
  for (const option of document.querySelectorAll("#list option")) {
    setText(option, t(`role_${option.value}`));
  }
}
