// Nothing moves under a finger: an answer that would move what is on the screen waits for the end of
// a press, so that the tap arrives where it was meant to.

const CLICK_MS = 60; // a finger's click comes a moment after it is lifted
const LONGEST_MS = 3000; // some presses end unseen, in a menu of the browser

const down = new Map(); // a pointer that is down → what gives up on it
let waiting = [];

addEventListener("pointerdown", press, { capture: true });
addEventListener("pointerup", release, { capture: true });
addEventListener("pointercancel", release, { capture: true });

// Settles at once, or when no finger and no button is down any more.
export function lifted() {
  return down.size ? new Promise((go) => waiting.push(go)) : Promise.resolve();
}

function press({ pointerId, button }) {
  if (button === 0) down.set(pointerId, setTimeout(end, LONGEST_MS, pointerId));
}

function release({ pointerId }) {
  clearTimeout(down.get(pointerId));
  if (down.has(pointerId)) setTimeout(end, CLICK_MS, pointerId);
}

function end(pointerId) {
  down.delete(pointerId);
  if (down.size) return;
  for (const go of waiting) go();
  waiting = [];
}
