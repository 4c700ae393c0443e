// Signing in: on to where one came from, or first to a password of one's own.

import { startAccount } from "../account.js";
import { signIn, whoAmI } from "../api.js";
import { byId, setText } from "../dom.js";
import { both, startLanguage } from "../i18n.js";
import { fail, once, startShowing, tell } from "./page.js";

const form = byId("signin");
const trouble = byId("trouble");

startLanguage();
startAccount();
form.addEventListener("submit", (event) => {
  event.preventDefault();
  once(byId("enter"), enter);
});
startShowing(byId("password"));
byId("enter").disabled = false;
whoAmI().then(({ name, title }) => {
  if (!name) return;
  setText(byId("already-name"), title || name);
  byId("already").hidden = false;
}, () => {});

async function enter() {
  tell(trouble);
  try {
    const me = await signIn(byId("name").value, byId("password").value);
    location.assign(me.must_change ? "/account" : form.dataset.next);
  } catch (error) {
    if (error.status === 401) tell(trouble, both("signInWrong"), true);
    else if (error.status === 429) tell(trouble, both("signInOften"), true);
    else fail(trouble, error);
    byId("password").value = "";
    byId("password").focus();
  }
}
