// What is looked at, as the page's address has it.

const DEFAULTS = { tab: "stations", station: "" };
export const view = { ...DEFAULTS };
const listeners = [];

export function readView() {
  const asked = new URLSearchParams(location.search);
  for (const name of Object.keys(DEFAULTS)) view[name] = asked.get(name) ?? DEFAULTS[name];
  if (!document.getElementById(`tab-${view.tab}`)) view.tab = DEFAULTS.tab;
}

// Change the view; a step can be gone back from.
export function change(parts, { step = false } = {}) {
  Object.assign(view, parts);
  const kept = Object.entries(view).filter(([name, value]) => value !== DEFAULTS[name]);
  const address = `${location.pathname}${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

export function whenMoved(listener) {
  listeners.push(listener);
}

addEventListener("popstate", () => {
  readView();
  for (const listener of listeners) listener();
});
