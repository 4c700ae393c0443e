// Show a place on the map: on a phone the page goes to the map first.

import { showArea } from "../areas.js";
import { goTo } from "../chart.js";
import { byId } from "../dom.js";
import { showSite } from "../sites.js";

export function toMap() {
  byId("map").scrollIntoView({ block: "nearest" });
}

export function siteTouched(id) {
  toMap();
  showSite(id);
}

export function areaTouched(code) {
  toMap();
  showArea(code);
}

export function placeTouched({ lon, lat }, zoom = 13) {
  toMap();
  goTo([lat, lon], zoom);
}
