// The grip of the sheet on a phone: a drag makes it taller or lower, a tap switches between half
// and tall, so that the map above can be seen too. The page learns how much of the map it covers.

import { map } from "./chart.js";
import { byId } from "./dom.js";
import { t, whenLanguage } from "./i18n.js";

const HALF = 44; // percent of the page below the bar
const TALL = 78;
const LEAST = 24;
const STEP = 10;
const TAP_PX = 6;
const ROOM = 60; // above it, what floats on the map has no room any more

const grip = byId("grip");
const panel = byId("panel");
const main = panel.parentElement;
let height = HALF;
let covered = 0;

export function startGrip() {
  whenLanguage(() => grip.setAttribute("aria-label", t("sheetHeight")));
  grip.addEventListener("click", (event) => {
    if (!event.detail) setHeight(height > HALF ? HALF : TALL); // by keyboard
  });
  grip.addEventListener("keydown", ({ key }) => {
    const change = { ArrowUp: STEP, ArrowDown: -STEP }[key];
    if (change) setHeight(height + change);
  });
  grip.addEventListener("pointerdown", drag);
  window.addEventListener("resize", tellCovered);
  setHeight(HALF);
}

// A list has come that is to be read: make the sheet tall.
export function grow() {
  setHeight(Math.max(height, TALL));
}

function drag({ clientY: from, pointerId }) {
  const before = height;
  let moved = 0;
  grip.setPointerCapture(pointerId);
  const move = ({ clientY }) => {
    moved = Math.max(moved, Math.abs(clientY - from));
    setHeight(before + (100 * (from - clientY)) / main.clientHeight);
  };
  grip.addEventListener("pointermove", move);
  const end = () => {
    grip.removeEventListener("pointermove", move);
    if (moved < TAP_PX) setHeight(before > HALF ? HALF : TALL);
  };
  grip.addEventListener("lostpointercapture", end, { once: true });
}

function setHeight(percent) {
  height = Math.min(TALL, Math.max(LEAST, percent));
  main.style.setProperty("--sheet", `${height}%`);
  main.classList.toggle("tall", height > ROOM);
  grip.setAttribute("aria-expanded", String(height > HALF));
  tellCovered();
}

// How many pixels of the map the sheet covers: what floats on the map stays above it, and what was
// in the middle of the map is in the middle of what is left of it.
export function tellCovered() {
  const before = covered;
  covered = getComputedStyle(panel).position === "absolute" ? panel.offsetHeight : 0;
  main.style.setProperty("--covered", `${covered}px`);
  if (covered !== before) map.panBy([0, (covered - before) / 2], { animate: false });
}
