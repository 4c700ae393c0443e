// What the page is asking now; whoever shows an answer listens.

const KEPT = "mode";
export const MODES = ["ebike", "walk", "car", "truck"];
export const STAYS = [0, 20, 60]; // minutes
export const DISTANCES = ["500m", "1km", "2km", "3km", "5km"];
export const MINUTES = ["5min", "10min", "15min", "20min"];
export const REACH_MODES = ["walk", "ebike", "car", "truck"];

const kept = localStorage.getItem(KEPT);

export const state = {
  layer: "",
  within: "1km", // or minutes, of `by`
  by: "walk",
  needs: new Set(),
  mode: MODES.includes(kept) ? kept : MODES[0],
  stay: STAYS[0],
  open: "arrival", // or "any": the shut ones too
  at: "", // when one sets out, as a clock in Beijing shows it; "" now
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

// The instant asked about, with its zone; "" now.
export function atParameter() {
  return state.at && `${state.at}+08:00`;
}

export function needsParameter() {
  return [...state.needs].join(",");
}

// What a question about a layer on paper holds besides the layer.
export function needParameters() {
  const byTime = state.within.endsWith("min");
  return { within: state.within, needs: needsParameter(), mode: byTime ? state.by : "" };
}
