// What is looked at on a page with tabs, as its address has it: a link reproduces the view.

export const view = {};
const listeners = [];
let usual = {};

// Begin with what the address says; `defaults` names its parts, `tab` among them.
export function startView(defaults) {
  usual = defaults;
  read();
}

function read() {
  const asked = new URLSearchParams(location.search);
  for (const name of Object.keys(usual)) view[name] = asked.get(name) ?? usual[name];
  if (!document.getElementById(`tab-${view.tab}`)) view.tab = usual.tab;
}

// Change the view; a step (another tab, another finding) can be gone back from.
export function change(parts, { step = false } = {}) {
  Object.assign(view, parts);
  const kept = Object.entries(view).filter(([name, value]) => value !== usual[name]);
  const address = `${location.pathname}${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

// Call `listener` when somebody went back or forth.
export function whenMoved(listener) {
  listeners.push(listener);
}

addEventListener("popstate", () => {
  read();
  for (const listener of listeners) listener();
});
