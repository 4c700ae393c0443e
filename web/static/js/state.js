// What the page is asking now; whoever shows an answer listens.

export const state = {
  layer: "",
  within: "1km",
  needs: new Set(),
};

export const DISTANCES = ["500m", "1km", "2km", "3km", "5km"];

const listeners = new Set();

export function whenAsked(listener) {
  listeners.add(listener);
}

// Change the question; settles when every listener has its answer.
export function ask(change) {
  Object.assign(state, change);
  return Promise.all([...listeners].map((listener) => listener(state)));
}

export function needsParameter() {
  return [...state.needs].join(",");
}
