// The way there: a map app at one tap, the others in a small menu.

import { make } from "./dom.js";
import { t, titled } from "./i18n.js";
import { state } from "./state.js";

// The modes of links that suit ours, best first.
const FITTING = { ebike: ["ebike", "bike", "walk", "point"], walk: ["walk", "point"], car: ["car", "point"], truck: ["car", "point"] };
const DEVICE = /Android/.test(navigator.userAgent) ? "android" : /iPhone|iPad/.test(navigator.userAgent) ? "ios" : "web";
const NEEDS_PHONE = /_app$|^geo$/;

export function goButton(station) {
  const [first] = fitting(station);
  if (!first) return null;
  return outward(first, { class: "primary go" }, arrow(), t("go"), make("span", { class: "unseen" }, `${station.name} ${titled(first)}`));
}

export function otherMaps(station) {
  const [, ...others] = fitting(station);
  if (!others.length) return null;
  const lines = others.map((link) => make("li", {}, outward(link, {}, titled(link))));
  return make("details", { class: "more" }, make("summary", { class: "plain" }, t("otherMaps")), make("ul", { class: "maps" }, ...lines));
}

// One link for each app this device can open, to go by the chosen mode: Amap's web page first.
function fitting({ links = [] }) {
  const rank = ({ mode }) => FITTING[state.mode].indexOf(mode);
  const best = new Map();
  for (const link of links.filter((each) => rank(each) >= 0 && opensHere(each.app))) {
    if (!best.has(link.app) || rank(link) < rank(best.get(link.app))) best.set(link.app, link);
  }
  return [...best.values()].sort((a, b) => (a.app === "amap" ? -1 : b.app === "amap" ? 1 : rank(a) - rank(b)));
}

// Whether this device can follow a link of the app: its own apps, and everybody's web pages.
function opensHere(app) {
  if (NEEDS_PHONE.test(app)) return DEVICE !== "web";
  if (/_(android|ios)$/.test(app)) return app.endsWith(`_${DEVICE}`);
  return true;
}

// Web pages open beside this one; an app's own scheme would leave an empty tab behind.
function outward({ url }, attributes, ...children) {
  const beside = url.startsWith("https:") ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return make("a", { href: safe(url), ...beside, ...attributes }, ...children);
}

function safe(url) {
  return /^(https|geo|amapuri|iosamap|bdapp|baidumap|qqmap):/.test(url) ? url : null;
}

function arrow() {
  return make("span", { class: "arrow", "aria-hidden": "true" }, "➤");
}
