// Questions to the API, as the caller this tab is signed in as.

import { t } from "./i18n.js";

const KEY = "staff-token";

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function isStaff() {
  return Boolean(sessionStorage.getItem(KEY));
}

// Try `token`: keep it if the server takes it, else throw the Problem (401).
export async function signIn(token) {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Problem(401, ""); // no header can hold it
  await fetchJson("/api/v1/layers", { token });
  sessionStorage.setItem(KEY, token);
}

export function signOut() {
  sessionStorage.removeItem(KEY);
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
  const headers = { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) };
  return fetchJson(`/api/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

// Follow an address the API gave.
export function follow(href, signal = undefined) {
  return fetchJson(href, { signal });
}

async function fetchJson(address, request) {
  return (await fetchAny(address, request)).json();
}

async function fetchAny(address, { token = sessionStorage.getItem(KEY), headers = {}, ...request }) {
  const recognised = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  let response;
  try {
    response = await fetch(address, { ...request, headers: recognised });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, t("offline"));
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? response.statusText);
}
