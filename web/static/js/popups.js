// A station's card on the map. It grows where it stands: nothing in it is taken out and put back, as
// Leaflet's own `update` does (a press or a focus would be lost), and nothing slides.

import { covered, map } from "./chart.js";
import { t } from "./i18n.js";
import { closeSheet } from "./panels.js";

const L = window.L;
const WIDEST = 290;
const EDGE = { left: 8, right: 64, y: 60 }; // what stands at the map's edges
const LOW = 12; // of a map that is low, its edges above and below are this part
const FRAME = { x: 40, y: 56 }; // of Leaflet's, around a card
const LOWEST = 120; // a card that is higher than there is room scrolls
const USUAL = 540; // so high is a popup once all of it has come

// Show the card at a place of the map, and bring it before the eyes and into the focus.
export function openCard(card, place) {
  closeSheet();
  const { x, y } = map.getSize();
  const width = Math.min(WIDEST, x - EDGE.left - EDGE.right - FRAME.x);
  const highest = Math.max(LOWEST, y - covered() - 2 * edge() - FRAME.y);
  const popup = L.popup({ minWidth: width, maxWidth: width, autoPan: false, offset: [0, -8] });
  const back = document.activeElement;
  card.style.maxHeight = `${highest}px`;
  card.tabIndex = -1;
  card.addEventListener("toggle", ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }), { capture: true });
  popup.setLatLng(place).setContent(card).openOn(map);
  const box = popup.getElement();
  box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", t("close"));
  box.addEventListener("click", (event) => event.stopPropagation()); // of a button that is gone by now Leaflet thinks it stood on the map
  box.addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup(popup));
  popup.on("remove", () => (box.contains(document.activeElement) || document.activeElement === document.body) && giveBack(back));
  intoView(popup, Math.min(USUAL, highest + FRAME.y));
  card.focus({ preventScroll: true });
  new ResizeObserver(() => intoView(popup)).observe(card);
}

function edge() {
  return Math.min(EDGE.y, map.getSize().y / LOW);
}

// Move the map so that the whole popup is seen, with room for it to grow to this height.
function intoView(popup, height = 0) {
  if (!popup.isOpen()) return;
  const box = popup.getElement().getBoundingClientRect();
  const all = map.getContainer().getBoundingClientRect();
  const top = Math.min(box.top, box.bottom - height);
  const dx = least(box.left, box.right, all.left + EDGE.left, all.right - EDGE.right);
  const dy = least(top, box.bottom, all.top + edge(), all.bottom - covered() - edge());
  if (dx || dy) map.panBy([dx, dy], { animate: false });
}

// By how much to move what reaches from `from` to `to` into the room; its beginning matters more.
function least(from, to, first, last) {
  const moved = Math.max(0, to - last);
  return from - moved < first ? from - first : moved;
}

// To where it was, or, where that is hidden by now, to the map.
function giveBack(element) {
  element.focus({ preventScroll: true });
  if (document.activeElement !== element || element === document.body) map.getContainer().focus({ preventScroll: true });
}
