// How one goes, how long one stays, whether shut doors are of interest: part of every question.

import { byId } from "./dom.js";
import { ask, state, whenAsked } from "./state.js";

export function startTrip() {
  const form = byId("trip");
  const read = ({ target }) => {
    if (target.name === "mode") ask({ mode: target.value });
    else if (target.name === "stay") ask({ stay: Number(target.value) });
    else ask({ open: target.checked ? "arrival" : "any" });
  };
  const show = () => {
    for (const input of form.querySelectorAll("input")) {
      input.checked = input.type === "radio" ? input.value === String(state[input.name]) : state.open === "arrival";
    }
  };
  form.addEventListener("change", read);
  whenAsked(show, "mode", "stay", "open");
  show();
}
