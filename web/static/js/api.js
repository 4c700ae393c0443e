// Questions to the API, as whoever is signed in in this browser.

import { languageTag, t } from "./i18n.js";

const NOBODY = { name: "", title: "", role: "public", area: "", area_name: "", csrf: "", must_change: false, by_provider: false, scopes: null };
const SAFE = new Set(["GET", "HEAD"]);
let asked = null; // who is signed in, a promise; asked for once

export class Problem extends Error {
  constructor(status, detail, faults = []) {
    super(detail);
    this.status = status;
    this.faults = faults; // of what was sent, field by field
  }
}

// Whether somebody may be signed in: the server leaves this hint, which opens nothing.
export function isHinted() {
  return document.cookie.includes("stations_in=");
}

// Who is signed in, as GET /api/v1/me tells it. Without the hint nobody is asked: riders save a
// request.
export function whoAmI() {
  if (!asked && !isHinted()) return Promise.resolve(NOBODY);
  asked ??= fetchJson("/api/v1/me", {});
  asked.catch(() => {
    asked = null;
  });
  return asked;
}

// Sign in, or throw the Problem: 401 for a wrong name or password, 429 for too many tries.
export async function signIn(name, password) {
  const me = await fetchJson("/api/v1/sessions", { ...written("POST", { name, password }) });
  asked = Promise.resolve(me);
  return me;
}

// Returns where to sign out of the provider too, by way of which one came; empty: nowhere.
export async function signOut() {
  let leave = "";
  try {
    ({ leave } = await fetchJson("/api/v1/sessions", { method: "DELETE" }));
  } catch (error) {
    if (error.status !== 401) throw error; // it was over already
  }
  localStorage.removeItem("inspector"); // the page of visits works for nobody now
  asked = Promise.resolve(NOBODY);
  return leave;
}

// Ask `/api/v1/` + path; parameters that are empty are left out.
export function get(path, parameters = {}, signal = undefined) {
  return fetchJson(addressOf(path, parameters), { signal });
}

// Begin something: as `get`, with POST.
export function send(path, parameters, signal) {
  return fetchJson(addressOf(path, parameters), { method: "POST", signal });
}

// Do away with what has an address of its own; whether that came through is nobody's concern.
export function remove(href) {
  fetchJson(href, { method: "DELETE", keepalive: true }).catch(() => {});
}

// Ask for a file.
export async function getFile(path, parameters) {
  return (await fetchAny(addressOf(path, parameters), {})).blob();
}

function addressOf(path, parameters) {
  const kept = Object.entries(parameters).filter(([, value]) => value !== "" && value != null);
  const query = new URLSearchParams(kept).toString();
  return `/api/v1/${path}${query && `?${query}`}`;
}

// Send `body` to `/api/v1/` + path; a report sent twice under one key counts once.
export function post(path, body, key = "") {
  return fetchJson(`/api/v1/${path}`, written("POST", body, key && { "Idempotency-Key": key }));
}

// Change what stands at `/api/v1/` + path.
export function patch(path, body) {
  return fetchJson(`/api/v1/${path}`, written("PATCH", body));
}

// Put what is to stand at `/api/v1/` + path from now on.
export function replace(path, body) {
  return fetchJson(`/api/v1/${path}`, written("PUT", body));
}

// Put the bytes of a Blob, of its type, at `/api/v1/` + path.
export function put(path, blob) {
  return fetchJson(`/api/v1/${path}`, { method: "PUT", headers: { "Content-Type": blob.type }, body: blob });
}

// Send a file's bytes to be looked at.
export function sendFile(path, parameters, file, signal) {
  const headers = { "Content-Type": "application/octet-stream" };
  return fetchJson(addressOf(path, parameters), { method: "POST", headers, body: file, signal });
}

// Do away with what stands at `/api/v1/` + path, and wait for it.
export function erase(path) {
  return fetchJson(`/api/v1/${path}`, { method: "DELETE" });
}

// Follow an address the API gave.
export function follow(href, signal = undefined) {
  return fetchJson(href, { signal });
}

function written(method, body, more = {}) {
  return { method, headers: { "Content-Type": "application/json", ...more }, body: JSON.stringify(body) };
}

async function fetchJson(address, request) {
  return (await fetchAny(address, request)).json();
}

// Changes carry the session's token. One that has signed in anew meanwhile, in another tab, has
// another: then it is asked for and the change is sent again.
async function fetchAny(address, request) {
  if (SAFE.has(request.method ?? "GET")) return answered(await reach(address, request));
  const { csrf } = await whoAmI();
  const first = await reach(address, marked(request, csrf));
  if (first.status !== 403) return answered(first);
  asked = null;
  const { csrf: newer } = await whoAmI();
  return answered(newer === csrf ? first : await reach(address, marked(request, newer)));
}

function marked({ headers = {}, ...request }, csrf) {
  return { ...request, headers: csrf ? { ...headers, "X-CSRF-Token": csrf } : headers };
}

async function reach(address, request) {
  try {
    return await fetch(address, spoken(request));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, t("offline"));
  }
}

// What goes wrong is told in the page's language; the browser asks for its own.
function spoken({ headers = {}, ...request }) {
  const tag = languageTag();
  return { ...request, headers: navigator.language === tag ? headers : { ...headers, "Accept-Language": tag } };
}

async function answered(response) {
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? response.statusText, problem.faults);
}
