// Staff: a token kept in this tab only. With it, restricted layers are among the choices.

import { isStaff, signIn, signOut } from "./api.js";
import { loadLayers } from "./coverage.js";
import { byId, say } from "./dom.js";
import { t } from "./i18n.js";

const dialog = byId("staff");
const status = byId("staff-status");

export function startStaff() {
  byId("staff-open").addEventListener("click", open);
  byId("staff-close").addEventListener("click", () => dialog.close());
  byId("sign-out").addEventListener("click", leave);
  dialog.querySelector("form").addEventListener("submit", enter);
}

function open() {
  say(status, isStaff() ? t("signedIn") : "");
  byId("sign-out").hidden = !isStaff();
  dialog.showModal();
}

async function enter(event) {
  event.preventDefault();
  const input = byId("token");
  try {
    await signIn(input.value.trim());
  } catch (error) {
    say(status, error.status === 401 ? t("tokenWrong") : t("failed", { why: error.message }), { failed: true });
    return;
  }
  input.value = "";
  dialog.close();
  await loadLayers();
}

async function leave() {
  signOut();
  dialog.close();
  await loadLayers();
}
