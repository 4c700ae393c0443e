"use strict";
// Draws the sites under both limits; texts of the register become text here, never markup.
(() => {
  const { sites, stations, outlines, limits } = JSON.parse(document.getElementById("data").textContent);
  const map = window.flips_map;
  map.attributionControl.setPrefix(false);
  const COLOURS = { more: "#1f5fbf", less: "#c2410c", covered: "#12805a", uncovered: "#6b7175" };
  const number = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 1 });
  const at = Object.fromEntries(stations.map((station) => [station.id, [station.lat, station.lon]]));

  const kind = ({ change, here }) => change || (here.covered ? "covered" : "uncovered");

  function lines(site) {
    const made = [[`${site.flips ? "↯ " : ""}${site.name}`, true], [`id ${site.id}`, false]];
    if (site.workers != null) made.push([`${number.format(site.workers)} 人 workers`, false]);
    for (const side of ["here", "beside"]) made.push([`${limits[side]}：${nearest(site[side])}`, false]);
    return made;
  }

  function nearest(side) {
    const share = side.share >= 1 ? "可到达 in reach" : side.share > 0 ? `${number.format(side.share * 100)} % 可到达 in reach` : "不可到达 not in reach";
    if (!side.nearest_id) return `${share} · 没有驿站 no station`;
    const parts = [share, side.nearest_name, `${number.format(side.nearest_m)} m`];
    if (side.unreachable) parts.push("无路可达 no road there");
    if (side.nearest_min != null) parts.push(`${number.format(side.nearest_min)} min${side.estimated ? " 估计 estimated" : ""}`);
    return parts.join(" · ");
  }

  function filled(element, site) {
    for (const [text, strong] of lines(site)) {
      const line = document.createElement("div");
      const inside = strong ? line.appendChild(document.createElement("strong")) : line;
      inside.textContent = text;
      element.append(line);
    }
    return element;
  }

  L.geoJSON({ type: "GeometryCollection", geometries: outlines }, {
    interactive: false,
    style: { color: "#a9a49a", weight: 1, fill: false },
  }).addTo(map);

  const changed = sites.filter((site) => site.change);
  changed.sort((a, b) => b.flips - a.flips || a.here.share - a.beside.share - (b.here.share - b.beside.share));
  for (const site of changed) {
    for (const side of [site.here, site.beside]) {
      if (!at[side.nearest_id]) continue;
      const way = [[site.at[1], site.at[0]], at[side.nearest_id]];
      L.polyline(way, { color: COLOURS[kind(site)], weight: 1.5, dashArray: "4 4", interactive: false }).addTo(map);
    }
  }
  const drawn = L.featureGroup();
  for (const site of sites) {
    const colour = COLOURS[kind(site)];
    const open = kind(site) === "uncovered";
    const style = { color: colour, weight: 2, dashArray: open ? "4 3" : null, fillOpacity: open ? 0.05 : 0.55 };
    L.geoJSON(site.geometry, { style, pointToLayer: (_, where) => L.circleMarker(where, { radius: 7 }) })
      .bindPopup(() => filled(document.createElement("div"), site))
      .addTo(drawn);
  }
  drawn.addTo(map);
  for (const { id, name, lat, lon } of stations) {
    L.circleMarker([lat, lon], { radius: 4, color: "#fff", weight: 1, fillColor: "#1f2426", fillOpacity: 1 })
      .bindPopup(() => {
        const element = document.createElement("div");
        element.textContent = `${name} · ${id}`;
        return element;
      })
      .addTo(map);
  }
  changed.forEach((site, i) => {
    const icon = L.divIcon({ className: `number ${kind(site)}`, html: String(i + 1), iconSize: [22, 22], iconAnchor: [11, 30], popupAnchor: [0, -26] });
    const mark = L.marker([site.at[1], site.at[0]], { icon, title: site.name, alt: site.name })
      .bindPopup(() => filled(document.createElement("div"), site))
      .addTo(map);
    const item = filled(document.createElement("li"), site);
    item.className = kind(site);
    item.querySelector("strong").prepend(`${i + 1}. `);
    item.addEventListener("click", () => map.setView(mark.getLatLng(), 15));
    document.getElementById("flips").append(item);
  });
  L.control.scale({ imperial: false }).addTo(map);
  const bounds = drawn.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 15 });
})();
