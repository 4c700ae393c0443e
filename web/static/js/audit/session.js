// Who is at the desk, and the counties they look after.

import { get, whoAmI } from "../api.js";
import * as chart from "./chart.js";

const READERS = ["inspector", "planner", "editor", "admin"];
export const session = { me: null, counties: [] };

// Resolves with "open", "closed" (nobody is signed in) or "refused".
export async function enter() {
  session.me = await whoAmI();
  if (session.me.role === "public") return "closed";
  if (!READERS.includes(session.me.role)) return "refused";
  const { provinces } = await get("register");
  const counties = await chart.loadCounties(provinces);
  session.counties = counties.filter(([code]) => code.startsWith(session.me.area)).sort();
  return "open";
}

export function may(...roles) {
  return session.me.role === "admin" || roles.includes(session.me.role);
}

export function nameOfMe() {
  return session.me.title || session.me.name;
}
