// The tabs of the desk: by click, and by the arrow keys as a tab list has them.

import { byId } from "../dom.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

// `opened` is called with the name of the tab somebody opens.
export function startTabs(opened) {
  for (const tab of tabs) {
    tab.addEventListener("click", () => opened(nameOf(tab)));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      opened(nameOf(next));
      next.focus();
    });
  }
}

export function showTab(name) {
  for (const tab of tabs) {
    const mine = nameOf(tab) === name;
    tab.setAttribute("aria-selected", String(mine));
    tab.tabIndex = mine ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !mine;
  }
}

function nameOf(tab) {
  return tab.id.slice("tab-".length);
}
