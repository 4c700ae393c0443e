// Which stations to visit: those of a round, those named, those near; and taking their forms along.

import { get } from "../api.js";
import { byId, make } from "../dom.js";
import { t } from "../i18n.js";
import { account } from "./account.js";
import { position } from "./place.js";
import { keepForms, keepStops, work } from "./work.js";

const NEAR = 10;
const AT_ONCE = 20; // ids in one address

// Read what the address, or the field, asks for: `{ round }`, `{ stations }` or null.
export function wish(text) {
  const typed = text.trim();
  if (!typed) return null;
  const query = typed.includes("?") ? new URLSearchParams(typed.slice(typed.indexOf("?"))) : new URLSearchParams();
  const round = query.get("round") ?? /rounds\/jobs\/([\w-]+)/.exec(typed)?.[1];
  if (round) return { round };
  const ids = (query.get("stations") ?? typed).split(/[,，、;；\s]+/).filter(Boolean);
  return ids.length ? { stations: [...new Set(ids)] } : null;
}

// List what was wished for; several routes are offered first.
export async function list({ round, stations }) {
  if (stations) return listNamed(stations);
  const { routes } = await get(`rounds/jobs/${encodeURIComponent(round)}/result`);
  const mine = routes.length === 1 ? routes[0] : routes.find(({ name }) => [account.name, account.title].includes(name));
  if (mine) return keepStops(stopsOf(mine));
  return offer(routes);
}

async function listNamed(ids) {
  const { forms, missing } = await formsOf(ids);
  if (forms.length) await keepStops(forms.map(({ station, findings }) => stopOf(station, { findings })));
  if (missing.length) throw new Error(t("formsMissing", { ids: missing.join(t("comma")) }));
}

export async function listNearest() {
  const { lon, lat } = await position();
  const { stations } = await get("nearest", { lon, lat, limit: NEAR, open: "any", mode: "straight" });
  return keepStops(stations.map((station) => stopOf(station)));
}

// Fetch the forms of all stops and keep them on this phone.
export async function takeAlong() {
  const { forms, missing } = await formsOf(work.stops.map(({ id }) => id));
  await keepForms(forms);
  if (missing.length) throw new Error(t("formsMissing", { ids: missing.join(t("comma")) }));
  await navigator.storage?.persist?.();
}

export async function formsOf(ids) {
  const forms = [];
  const missing = [];
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const answer = await get("forms", { stations: ids.slice(i, i + AT_ONCE).join(",") });
    forms.push(...answer.forms);
    missing.push(...answer.missing);
  }
  return { forms, missing };
}

function offer(routes) {
  const button = (route) =>
    make("li", {}, make("button", { type: "button", class: "plain wide", onclick: () => choose(route) }, t("routeOf", { name: route.name, n: route.stops.length })));
  byId("routes").replaceChildren(make("p", {}, t("whichRoute")), make("ul", {}, ...routes.map(button)));
}

async function choose(route) {
  byId("routes").replaceChildren();
  await keepStops(stopsOf(route));
}

function stopsOf(route) {
  return route.stops.map((stop) => stopOf(stop, { arrive: stop.arrive, findings: stop.findings }));
}

function stopOf({ id, name, links = [] }, more = {}) {
  return { id, name, links, ...more };
}
