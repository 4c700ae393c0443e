// The tabs of the page: one part of the planner's path at a time, the map beside all of them.

import { byId } from "../dom.js";
import { ask, state, whenAsked } from "../state.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const nameOf = (tab) => tab.getAttribute("aria-controls");

state.tab = nameOf(tabs[0]);

export function startTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => ask({ tab: nameOf(tab) }));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      ask({ tab: nameOf(next) });
      next.focus();
    });
  }
  whenAsked(show, "tab");
  show();
}

function show() {
  const chosen = tabs.find((tab) => nameOf(tab) === state.tab) ?? tabs[0];
  const panel = byId("panel");
  panel.scrollTop = Math.min(panel.scrollTop, byId("open-part").offsetTop);
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    byId(nameOf(tab)).hidden = tab !== chosen;
  }
}
