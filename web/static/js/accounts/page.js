// What the pages of accounts share: both languages side by side, of which one is seen.

import "../../words/account.js";
import { byId, make } from "../dom.js";
import { both } from "../i18n.js";

const EVENTS = ["account_made", "account_changed", "account_asked", "identity_known", "identity_linked", "identity_unknown", "identity_unlinked", "password_set", "password_wrong", "signed_in", "signed_out", "token_made", "token_revoked"];
export const ROLES = ["inspector", "planner", "editor", "admin"];

// Say something where it is looked for; nothing: say no more.
export function tell(element, parts = [], failed = false) {
  element.replaceChildren(...parts);
  element.classList.toggle("failed", failed);
}

export function fail(element, error) {
  tell(element, error.status === 0 ? both("noConnection") : both("accountFailed", { why: error.message }), true);
}

// An instant in the reader's own clock; the same in both languages.
export function clock(iso) {
  const at = new Date(iso);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function roleWords(role) {
  return both(`role_${role}`);
}

// How somebody is called: the title, and the name one signs in with.
export function called({ name, title }) {
  return [make("strong", {}, title || name), title && ` ${name}`];
}

// Where somebody is responsible; of an area also its name.
export function areaWords({ area, area_name: name }) {
  return area ? [`${name} ${area}`] : both("everywhere");
}

// Let a tick show what is typed as a password.
export function startShowing(...inputs) {
  const tick = byId("shown");
  const apply = () => {
    for (const input of inputs) input.type = tick.checked ? "text" : "password";
  };
  tick.addEventListener("change", apply);
  apply(); // a browser may bring a tick back
}

// What was done, in words.
export function eventWords(event) {
  return EVENTS.includes(event) ? both(`event_${event}`) : [event];
}

// What is noted besides: a role and its area in words, the rest as it is.
export function detailWords(details) {
  const [role, area, ...more] = details.split(" ");
  if (more.length || !area || !ROLES.includes(role)) return [details];
  return [...roleWords(role), " ", ...(area === "everywhere" ? both("everywhere") : [area])];
}

// Run `work` while `button` cannot be pressed again.
export async function once(button, work) {
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
  }
}
