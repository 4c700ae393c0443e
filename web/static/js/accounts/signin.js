// Signing in: on to where one came from, or first to a password of one's own.

import { signIn, whoAmI } from "../api.js";
import { byId } from "../dom.js";
import { both, fail, once, startPage, tell } from "./page.js";

const form = byId("signin");
const trouble = byId("trouble");

startPage();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(byId("enter"), enter);
});
byId("enter").disabled = false;
whoAmI().then(({ name, title }) => {
  if (!name) return;
  byId("already-name").textContent = title || name;
  byId("already").hidden = false;
}, () => {});

async function enter() {
  tell(trouble);
  try {
    const me = await signIn(byId("name").value, byId("password").value);
    location.assign(me.must_change ? "/account" : form.dataset.next);
  } catch (error) {
    if (error.status === 401) tell(trouble, both("账号或密码不对。", "The name or the password is wrong."), true);
    else if (error.status === 429) tell(trouble, both("尝试太多次，请稍后再试。", "Too many tries; please wait a while."), true);
    else fail(trouble, error);
    byId("password").value = "";
    byId("password").focus();
  }
}
