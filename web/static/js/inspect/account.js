// Whose work this is. Offline, this phone works for whoever it last knew to be signed in; what is
// kept stays that account's, and nobody else sees or sends it.

import { showWays } from "../account.js";
import { get } from "../api.js";

const KEY = "inspector";

// The account this phone works for, or null: `{ name, title }`.
export let account = recalled();
// Whether the server knows it: true, false (sign in again), or null (not asked yet, or not reached).
export let known = null;

function recalled() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

// Ask who is signed in. A Problem of status 0: the server was not reached.
export async function recognise() {
  let told;
  try {
    told = await get("me");
  } catch (error) {
    if (error.status !== 401) throw error;
    told = { name: "" };
  }
  known = Boolean(told.name) && !told.must_change;
  if (!known) return;
  account = { name: told.name, title: told.title };
  showWays(told.role);
  localStorage.setItem(KEY, JSON.stringify(account));
}

// The server said that nobody is signed in.
export function expired() {
  known = false;
}

// This phone works for nobody; what is kept waits for its owner.
export function forget() {
  localStorage.removeItem(KEY);
  account = null;
  known = false;
}
