// Everybody's accounts, for admins: made, changed, put out of use; what was done at them.

import { get, patch, post, whoAmI } from "../api.js";
import { byId, make } from "../dom.js";
import { titled } from "../i18n.js";
import { areaWords, both, called, clock, fail, once, ROLES, roleWords, startPage, tell } from "./page.js";

const EVENTS = {
  account_made: ["新建账号", "account made"],
  account_changed: ["修改账号", "account changed"],
  password_set: ["设置密码", "password set"],
  password_wrong: ["密码错误", "wrong password"],
  signed_in: ["登录", "signed in"],
  signed_out: ["退出", "signed out"],
  token_made: ["生成令牌", "token made"],
  token_revoked: ["作废令牌", "token revoked"],
};
const told = byId("told");
const opened = new Set(); // names of accounts whose form is open
let mine = "";

startPage(writeRoles);
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
  const [{ accounts }, { log }] = await Promise.all([get("accounts"), get("account-log")]);
  byId("list").replaceChildren(...accounts.map(row));
  const heads = [["时间", "When"], ["谁", "Who"], ["账号", "Account"], ["事情", "What"], ["详情", "Details"]];
  byId("log").replaceChildren(
    make("thead", {}, make("tr", {}, ...heads.map(([zh, en]) => make("th", { scope: "col" }, ...both(zh, en))))),
    make("tbody", {}, ...log.map(({ at, who, account, event, details }) => make("tr", {}, ...[[clock(at)], [who], [account], both(...(EVENTS[event] ?? [event, event])), [details]].map((parts) => make("td", {}, ...parts))))),
  );
}

function row(account) {
  const item = make("li", account.active ? {} : { class: "off" },
    make("span", { class: "grow" }, ...called(account), " · ", ...roleWords(account.role), " · ", ...areaWords(account), ...(account.active ? [] : [" · ", ...both("已停用", "not in use")])));
  if (account.name === mine) return item;
  const button = make("button", { type: "button", class: "plain", "aria-expanded": String(opened.has(account.name)) }, ...both("修改", "Change"));
  button.addEventListener("click", () => {
    if (!opened.delete(account.name)) opened.add(account.name);
    const anew = row(account);
    item.replaceWith(anew);
    anew.querySelector("button").focus();
  });
  item.append(button);
  if (opened.has(account.name)) item.append(editor(account));
  return item;
}

function editor(account) {
  const title = make("input", { value: account.title, maxlength: 100, autocomplete: "off" });
  const role = roleChoice(account.role);
  const area = make("input", { value: account.area, maxlength: 6, inputmode: "numeric", autocomplete: "off" });
  const path = `accounts/${encodeURIComponent(account.name)}`;
  const save = make("button", { type: "submit", class: "primary" }, ...both("保存", "Save"));
  const off = make("button", { type: "button", class: "plain" }, ...(account.active ? both("停用", "Put out of use") : both("启用", "Put in use")));
  const reset = make("button", { type: "button", class: "plain" }, ...both("重置密码", "Reset the password"));
  const form = make("form", {},
    make("label", {}, ...both("称呼", "Title"), title),
    make("label", {}, ...both("角色", "Role"), role),
    make("label", {}, ...both("管辖区划代码", "Area code"), area),
    save, off, reset);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    once(save, () => done(() => patch(path, { title: title.value, role: role.value, area: area.value })));
  });
  off.addEventListener("click", () => once(off, () => done(() => patch(path, { active: !account.active }))));
  reset.addEventListener("click", () => once(reset, () => done(() => post(`${path}/password`, {}))));
  return form;
}

// Do something, say what came of it, show all anew.
async function done(work) {
  tell(told);
  try {
    const { account, password } = await work();
    tell(told, password ? [...both(`${account.name} 的一次性密码（只显示这一次，七天内有效）：`, `Password for ${account.name} (shown this once, works for a week): `), make("code", {}, password)] : both("已保存。", "Saved."));
    await show();
    return true;
  } catch (error) {
    fail(told, error);
    return false;
  } finally {
    told.scrollIntoView({ block: "nearest" });
  }
}

async function makeAccount() {
  const wish = { name: byId("name").value, title: byId("title").value, role: byId("role").value, area: byId("area").value };
  if (await done(() => post("accounts", wish))) byId("make").reset();
}

function roleChoice(chosen) {
  return make("select", {}, ...ROLES.map(([code, zh, en]) => make("option", { value: code, selected: code === chosen }, titled({ zh, en }))));
}

// Options have one language at a time.
function writeRoles() {
  const select = byId("role");
  const before = select.value || "inspector";
  select.replaceChildren(...ROLES.map(([code, zh, en]) => make("option", { value: code, selected: code === before }, titled({ zh, en }))));
  for (const option of document.querySelectorAll("#list option")) {
    const [, zh, en] = ROLES.find(([code]) => code === option.value);
    option.textContent = titled({ zh, en });
  }
}
