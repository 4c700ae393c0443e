// Layers and legend in one: each layer's switch, and what its colours mean.

import { group as areasGroup, STEPS } from "./areas.js";
import { cluster, map } from "./chart.js";
import { byId, make } from "./dom.js";
import { percent, t, titled } from "./i18n.js";
import { register } from "./register.js";
import { group as sitesGroup } from "./sites.js";
import { sign } from "./signs.js";

export function drawLegend(shareOf = "workers") {
  byId("legend-body").replaceChildren(
    part("stationsLayer", cluster, [
      ...register.kinds.map((kind) => [sign(kind.code), titled(kind)]),
      [make("span", { class: "pin idle" }, sign("standard")), t("idle")],
    ]),
    part("sitesLayer", sitesGroup, [
      [swatch("site in"), t("siteIn")],
      [swatch("site part"), t("part")],
      [swatch("site out"), t("siteOut")],
    ]),
    part("areasLayer", areasGroup, [
      ...STEPS.map((step, i) => [swatch(`area share-${i + 1}`), `${percent(step)}–${percent(STEPS[i + 1] ?? 1)}`]),
      [swatch("area none"), t("noSites")],
    ], t(shareOf === "workers" ? "areasLegend" : "areasLegendSites")),
  );
}

export function startLegend() {
  byId("legend").open = window.matchMedia("(min-width: 900px)").matches;
}

function part(key, layer, entries, note = "") {
  const input = make("input", { type: "checkbox", onchange: () => toggle(layer, input.checked) });
  input.checked = map.hasLayer(layer);
  const lines = entries.map(([mark, text]) => make("li", {}, mark, make("span", {}, text)));
  return make(
    "section",
    {},
    make("label", {}, input, make("strong", {}, t(key))),
    note && make("p", { class: "quiet" }, note),
    make("ul", {}, ...lines),
  );
}

function swatch(classes) {
  return make("span", { class: `swatch ${classes}`, "aria-hidden": "true" });
}

function toggle(layer, on) {
  if (on) map.addLayer(layer);
  else map.removeLayer(layer);
}
