// What the page is asking now; whoever shows an answer listens.

const KEPT = "mode";
export const MODES = ["ebike", "walk", "car", "truck"];
export const STAYS = [0, 20, 60]; // minutes
export const DISTANCES = ["500m", "1km", "2km", "3km", "5km"];

const kept = localStorage.getItem(KEPT);

export const state = {
  layer: "",
  within: "1km",
  needs: new Set(),
  mode: MODES.includes(kept) ? kept : MODES[0],
  stay: STAYS[0],
  open: "arrival", // or "any": the shut ones too
};

const listeners = [];

// Call `listener` after a change of one of the named parts of the question.
export function whenAsked(listener, ...parts) {
  listeners.push({ listener, parts });
}

// Change the question; settles when everybody concerned has the answer.
export function ask(change) {
  Object.assign(state, change);
  if (change.mode) localStorage.setItem(KEPT, change.mode);
  const concerned = listeners.filter(({ parts }) => parts.some((part) => part in change));
  return Promise.all(concerned.map(({ listener }) => listener(state)));
}

export function needsParameter() {
  return [...state.needs].join(",");
}
