// What stands above everything: no network, not signed in, no https, a newer version.

import { byId, make } from "../dom.js";
import { t } from "../i18n.js";
import { account, forget, known } from "./account.js";
import { newerVersion, offlineReady, takeNewer } from "./offline.js";
import { recall, waiting } from "./work.js";

export function writeBanners() {
  byId("kept").textContent = offlineReady === "yes" ? t("opensOffline") : "";
  byId("banners").replaceChildren(...[network(), signIn(), secure(), newer()].filter(Boolean));
}

function banner(kind, text, ...more) {
  return make("div", { class: `banner ${kind}` }, make("p", {}, text), ...more);
}

function network() {
  if (navigator.onLine) return null;
  return banner("offline", t(account ? "offlineNow" : "offlineNobody"));
}

function signIn() {
  if (known !== false || !navigator.onLine) return null;
  const link = make("a", { class: "primary", href: `/signin?next=${encodeURIComponent("/visit")}` }, t("signIn"));
  if (!account) return banner("warn", t("signInFirst"), link);
  const leave = make("button", { type: "button", class: "plain", onclick: leaveHere }, t("notMe", { name: account.title || account.name }));
  return banner("warn", t(waiting().length ? "signInToSend" : "signInAgain"), make("div", { class: "actions" }, link, leave));
}

function leaveHere() {
  forget();
  return recall();
}

function secure() {
  return offlineReady === "no" && !isSecureContext ? banner("warn", t("needsTls")) : null;
}

function newer() {
  if (!newerVersion()) return null;
  return banner("news", t("newerVersion"), make("button", { type: "button", class: "plain", onclick: takeNewer }, t("takeNewer")));
}
