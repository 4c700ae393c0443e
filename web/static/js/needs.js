// The amenities a station must have: the same choice wherever it is offered.

import { make, setText } from "./dom.js";
import { t, titled, whenLanguage } from "./i18n.js";
import { register } from "./register.js";
import { ask, state, whenAsked } from "./state.js";

export function startNeeds() {
  const places = [...document.querySelectorAll("[data-needs]")];
  const draw = () => {
    for (const place of places) fill(place);
  };
  whenLanguage(draw);
  whenAsked(draw, "needs");
}

function fill(place) {
  const count = state.needs.size;
  const title = count ? t("needsSome", { n: count }) : t("needs");
  setText(place.querySelector("summary"), title);
  const boxes = place.querySelectorAll("input");
  if (boxes.length === register.amenities.length && place.lang === document.documentElement.lang) {
    for (const box of boxes) box.checked = state.needs.has(box.value);
    return;
  }
  place.lang = document.documentElement.lang;
  place.querySelector("fieldset")?.remove();
  place.append(
    make("fieldset", { class: "choice" }, make("legend", { class: "unseen" }, t("needs")), ...register.amenities.map(box)),
  );
}

function box(amenity) {
  const input = make("input", { type: "checkbox", value: amenity.code, onchange: toggle });
  input.checked = state.needs.has(amenity.code);
  return make("label", {}, input, make("span", {}, titled(amenity)));
}

function toggle({ target }) {
  const needs = new Set(state.needs);
  if (target.checked) needs.add(target.value);
  else needs.delete(target.value);
  ask({ needs });
}
