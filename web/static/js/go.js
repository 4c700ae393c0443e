// The way there: a map app at one tap, the others in a small menu.

import { make } from "./dom.js";
import { t, titled } from "./i18n.js";
import { state } from "./state.js";

// The modes of links that suit ours, best first.
const FITTING = { ebike: ["ebike", "bike", "walk", "point"], walk: ["walk", "point"], car: ["car", "point"], truck: ["car", "point"] };
const DEVICE = /Android/.test(navigator.userAgent) ? "android" : /iPhone|iPad/.test(navigator.userAgent) ? "ios" : "web";
const NEEDS_PHONE = /_app$|^geo$/;

// `modes`: those of links that will do, best first; by default as the page's mode has them.
export function goButton(station, modes = FITTING[state.mode]) {
  const [first] = fitting(station, modes);
  if (!first) return null;
  return outward(first, { class: "primary go" }, arrow(), t("go"), make("span", { class: "unseen" }, `${station.name} ${titled(first)}`));
}

export function otherMaps(station, modes = FITTING[state.mode]) {
  const [, ...others] = fitting(station, modes);
  if (!others.length) return null;
  const lines = others.map((link) => make("li", {}, outward(link, {}, titled(link))));
  return make("details", { class: "more" }, make("summary", { class: "plain" }, t("otherMaps")), make("ul", { class: "maps" }, ...lines));
}

// One link for each app this device can open, to go by the best of the modes: Amap's web page first.
// Without a network only apps do, where there are any.
function fitting({ links = [], offline = false }, modes) {
  const rank = ({ mode }) => modes.indexOf(mode);
  const best = new Map();
  const here = links.filter((each) => rank(each) >= 0 && opensHere(each.app));
  const apps = offline ? here.filter(({ url }) => !url.startsWith("https:")) : [];
  for (const link of apps.length ? apps : here) {
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
