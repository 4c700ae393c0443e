// What is looked at, as the page's address has it: a link reproduces the view.

const DEFAULTS = { tab: "findings", state: "", severity: "", rule: "", area: "", assignee: "", text: "", standard: "national", overdue: "", finding: "" };
export const FILTERS = ["state", "severity", "rule", "area", "assignee", "text", "standard", "overdue"];
export const view = { ...DEFAULTS };
const listeners = [];

export function readView() {
  const asked = new URLSearchParams(location.search);
  for (const name of Object.keys(DEFAULTS)) view[name] = asked.get(name) ?? DEFAULTS[name];
  if (!document.getElementById(`tab-${view.tab}`)) view.tab = DEFAULTS.tab;
}

// Change the view; a step (another tab, another finding) can be gone back from.
export function change(parts, { step = false } = {}) {
  Object.assign(view, parts);
  const kept = Object.entries(view).filter(([name, value]) => value !== DEFAULTS[name]);
  const address = `${location.pathname}${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

// Call `listener` when somebody went back or forth.
export function whenMoved(listener) {
  listeners.push(listener);
}

addEventListener("popstate", () => {
  readView();
  for (const listener of listeners) listener();
});

// What stands for a finding in the address: its number, or what it is about.
export function keyOf({ finding, rule, station, fact }) {
  return finding == null ? `${rule}~${fact}~${station}` : String(finding);
}
