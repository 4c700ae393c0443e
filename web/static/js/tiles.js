// Marks by map tile, for more stations than a browser should hold: what is in view, and no more.

import { get } from "./api.js";
import { map } from "./chart.js";

const L = window.L;
const SIDE = 512; // pixels, as the server cuts its tiles; its zoom is one less than the map's
const FINEST = 20; // of the server's zooms
const APART = 16; // from this zoom of the map on every station stands alone
const CLOSE = 48; // pixels: bunches nearer to one another are one

// A layer of markers: `bunch` makes one of { lon, lat, count }, `station` of a station's mark.
// `loaded` is called when all that is in view is there, `failed` with an error and what to call again.
export function marksLayer({ bunch, station, loaded, failed }) {
  const marks = L.layerGroup();
  const tiles = new Map(); // a tile's element → its zoom, what ends its question, what it was told
  let broken = false;

  const Tiles = L.GridLayer.extend({
    createTile({ x, y, z }, done) {
      const element = document.createElement("div");
      const asking = new AbortController();
      tiles.set(element, { z, asking });
      get(`marks/${Math.min(z - 1, FINEST)}/${x}/${y}`, {}, asking.signal).then(
        (told) => {
          tiles.set(element, { z, asking, told });
          done(null, element);
        },
        (error) => done(error, element),
      );
      return element;
    },
  });
  const layer = new Tiles({ tileSize: SIDE, noWrap: true, minZoom: 1, updateWhenZooming: false, keepBuffer: 0 });

  function draw() {
    const zoom = Math.round(map.getZoom());
    const told = [...tiles.values()].filter((tile) => tile.told && tile.z === zoom).map((tile) => tile.told);
    const stations = told.flatMap((each) => each.stations);
    const bunches = told.flatMap((each) => each.bunches).map(([lon, lat, count]) => ({ lon, lat, count }));
    const parts = zoom < APART ? merged([...bunches, ...stations.map((mark) => ({ ...mark, count: 1 }))]) : stations;
    marks.clearLayers();
    for (const part of parts) marks.addLayer(part.count > 1 ? bunch(part) : station(part));
  }

  // Not by the layer's own redraw, which asks for tiles of half a zoom where the map stands at one.
  function again() {
    layer.remove();
    layer.addTo(map);
  }

  layer.on("tileunload", ({ tile }) => {
    tiles.get(tile).asking.abort();
    tiles.delete(tile);
  });
  layer.on("loading", () => (broken = false));
  layer.on("tileerror", ({ error }) => {
    if (error.name === "AbortError" || broken) return;
    broken = true;
    failed(error, again);
  });
  layer.on("load", () => {
    draw();
    if (!broken) loaded();
  });
  return L.layerGroup([marks, layer]);
}

// Put together what would lie on one another: the largest takes in what is close, in its middle.
function merged(parts) {
  const left = parts.map((part) => ({ part, at: map.project([part.lat, part.lon]) }));
  left.sort((one, other) => other.part.count - one.part.count);
  const made = [];
  while (left.length) {
    const [{ part, at }] = left;
    const near = left.filter((each) => each.at.distanceTo(at) < CLOSE);
    left.splice(0, left.length, ...left.filter((each) => each.at.distanceTo(at) >= CLOSE));
    made.push(near.length === 1 ? part : middle(near.map((each) => each.part)));
  }
  return made;
}

function middle(parts) {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const mean = (axis) => parts.reduce((sum, part) => sum + part[axis] * part.count, 0) / count;
  return { lon: mean("lon"), lat: mean("lat"), count };
}
