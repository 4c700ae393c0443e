// The three tabs. On a phone they stand at the bottom and a tap opens or closes the sheet above.

import { byId } from "./dom.js";
import { tellCovered } from "./grip.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const small = window.matchMedia("(max-width: 899px)");

export function openPanel(name) {
  select(byId(`tab-${name}`));
  setOpen(true);
}

export function closeSheet() {
  if (small.matches) setOpen(false);
}

export function startPanels() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      const again = tab.getAttribute("aria-selected") === "true";
      select(tab);
      setOpen(!(small.matches && again && isOpen()));
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      select(next);
      setOpen(true);
      next.focus();
    });
  }
  small.addEventListener("change", () => setOpen(!small.matches));
  setOpen(!small.matches);
}

function isOpen() {
  return byId("panel").classList.contains("open");
}

function setOpen(open) {
  byId("panel").classList.toggle("open", open);
  byId("sheet").inert = !open;
  tellCovered();
  for (const tab of tabs) {
    const selected = tab.getAttribute("aria-selected") === "true";
    tab.setAttribute("aria-expanded", String(open && selected));
  }
}

function select(chosen) {
  if (chosen.getAttribute("aria-selected") !== "true") byId("sheet").scrollTop = 0;
  for (const tab of tabs) {
    const selected = tab === chosen;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !selected;
  }
}
