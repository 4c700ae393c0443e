"use strict";
// Shows the week: rows of hours were computed before, here they are looked up and drawn. Texts of
// the register become text, never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const map = window.week_map;
  const byId = (id) => document.getElementById(id);
  const DAY = 24;
  const STEP_MS = 500;
  const POPUP = { maxHeight: 220, minWidth: 200, maxWidth: 280, autoPanPaddingTopLeft: [50, 8] };
  const CLOSE = 11; // from this zoom on an area is drawn without its dot
  const DAYS = [["周一", "Mon"], ["周二", "Tue"], ["周三", "Wed"], ["周四", "Thu"], ["周五", "Fri"], ["周六", "Sat"], ["周日", "Sun"]];
  const CLASSES = [
    [0, "none", "不可到达", "none in reach"],
    [1, "s1", "不到 25%", "under 25 %"],
    [250, "s2", "25–50%", "25–50 %"],
    [500, "s3", "50–75%", "50–75 %"],
    [750, "s4", "75% 以上", "75 % and more"],
    [1000, "all", "全部可到达", "all in reach"],
  ];
  const STATES = {
    open: ["开门", "open"],
    lacks: ["开门，缺所需设施", "open, lacks what is needed"],
    doubted: ["开门，登记未经核实", "open, record not confirmed"],
    unknown: ["开放时间不明", "hours unknown"],
    closed: ["关门", "shut"],
    away: ["不在此处", "not here then"],
  };
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const rows = data.rows.map((runs) => {
    const row = [];
    for (let i = 0; i < runs.length; i += 2) for (let n = 0; n < runs[i + 1]; n++) row.push(runs[i]);
    return row;
  });
  const state = { hour: data.hours > 1 ? DAY + 2 : 0, view: "real", needs: 0 };
  let playing = 0;

  const english = () => document.documentElement.lang === "en";
  const say = (zh, en) => (english() ? en : zh);
  const number = (value) => value.toLocaleString(english() ? "en" : "zh-CN", { maximumFractionDigits: 1 });
  const view = () => (state.view === "paper" ? data.views.paper : data.views.real[state.needs]);
  const shareOf = (site) => rows[view().sites[site]][state.hour];
  const percent = (share) => (share < 0 ? "–" : `${number(share / 10)}%`);
  const metres = (value) => (value < 1000 ? `${Math.round(value)} ${say("米", "m")}` : `${number(value / 1000)} ${say("公里", "km")}`);

  // Text in the order its letters have: marks that turn it round are left out.
  const straight = (text) => (typeof text === "string" ? text.replace(/[\u202A-\u202E\u2066-\u2069]/g, "") : text);

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null && child !== "").map(straight));
    return element;
  }

  function classOf(share) {
    if (share < 0) return "away";
    return CLASSES.reduce((found, [from, name]) => (share >= from ? name : found), "none");
  }

  function stateOf(place) {
    const at = rows[data.stations[place].states][state.hour];
    if (at !== 1) return { 0: "closed", 2: "unknown", 3: "away" }[at];
    if (state.view === "paper") return "open";
    if (!rows[view().had[place]][state.hour]) return "lacks";
    return data.stations[place].trusted ? "open" : "doubted";
  }

  function clock(hour) {
    const at = data.first_hour + hour;
    return `${DAYS[Math.floor(at / DAY)][english() ? 1 : 0]} ${String(at % DAY).padStart(2, "0")}:00`;
  }

  // Drawn once; what the hour changes is only their style.
  map.attributionControl.setPrefix(false);
  L.geoJSON({ type: "GeometryCollection", geometries: data.outlines }, { interactive: false, style: { color: "#a9a49a", weight: 1, fill: false } }).addTo(map);
  const shapes = L.featureGroup().addTo(map);
  const dots = L.featureGroup();
  const marks = data.sites.map((site, number_) => {
    const popup = () => siteCard(number_);
    const shape = L.geoJSON(site.geometry, { pointToLayer: (_, where) => L.circleMarker(where, { radius: 7 }) }).bindPopup(popup, POPUP).addTo(shapes);
    const area = site.geometry.type !== "Point";
    const dot = area ? L.circleMarker([site.at[1], site.at[0]], { radius: 7 }).bindPopup(popup, POPUP).addTo(dots) : null;
    return { shape, dot, area };
  });
  map.createPane("stations").style.zIndex = 450; // above the sites
  const canvas = L.canvas({ padding: 0.3, pane: "stations" });
  const pins = data.stations.map((station, place) =>
    L.circleMarker([station.lat, station.lon], { radius: 4, renderer: canvas, pane: "stations" }).bindPopup(() => stationCard(place), POPUP).addTo(map));

  function draw() {
    marks.forEach(({ shape, dot, area }, site) => {
      const name = classOf(shareOf(site));
      const none = name === "none" || name === "away";
      const dressed = { color: area ? colour(name) : "#fff", weight: area ? 2 : 1.5, fillColor: colour(name), fillOpacity: area && none ? 0.25 : 0.85, dashArray: area && none ? "5 4" : null };
      shape.setStyle(dressed);
      dot?.setStyle({ ...dressed, color: "#fff", weight: 1.5, dashArray: null, fillOpacity: 0.9 });
    });
    pins.forEach((pin, place) => {
      const name = stateOf(place);
      const shut = name === "closed" || name === "away";
      pin.setStyle({ radius: shut ? 3 : 4, color: colour(name), weight: 1.5, fillColor: shut ? "#fff" : colour(name), fillOpacity: 1 });
    });
    const total = rows[view().total][state.hour];
    byId("time").textContent = clock(state.hour);
    byId("share").textContent = data.weighed
      ? say(`${percent(total)} 的在岗职工可到达`, `${percent(total)} of workers present in reach`)
      : say(`${percent(total)} 的地点可到达`, `${percent(total)} of sites in reach`);
    byId("hour").value = state.hour;
    byId("hour").setAttribute("aria-valuetext", `${clock(state.hour)} ${percent(total)}`);
    byId("strip").querySelector(".at")?.setAttribute("x", state.hour);
    byId("gaps").querySelectorAll("button").forEach((button, i) => button.style.setProperty("--fill", colour(classOf(shareOf(data.gaps[i].site)))));
    byId("needs").disabled = state.view === "paper";
  }

  // The share of all at every hour: taller is more; hours not asked about are pale.
  function drawStrip() {
    const strip = byId("strip");
    strip.setAttribute("viewBox", `0 0 ${data.hours} 24`);
    const bar = (attributes) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      return element;
    };
    const bars = rows[view().total].map((share, hour) => {
      const height = Math.max(share, 0) * 0.024;
      return bar({ x: hour, y: 24 - height, width: 1, height, fill: colour("accent"), "fill-opacity": data.asked[hour] ? 0.85 : 0.3 });
    });
    strip.replaceChildren(...bars, bar({ class: "at", x: state.hour, y: 0, width: 1, height: 24, fill: colour("none") }));
  }

  function siteCard(site) {
    const { name, id, workers } = data.sites[site];
    const gap = data.gaps.find((each) => each.site === site);
    return make(
      "div", { class: "card" },
      make("p", {}, make("strong", {}, name)),
      make("p", {}, `${clock(state.hour)}: ${percent(shareOf(site))} ${say("可到达", "in reach")}`),
      make("p", { class: "quiet" }, workers == null ? say("职工数未登记", "workers unknown") : `${number(workers)} ${say("人", "workers")}`, ` · ${id}`),
      ...(gap ? gapLines(gap) : []),
    );
  }

  function stationCard(place) {
    const { name, host, opening_hours, id } = data.stations[place];
    return make(
      "div", { class: "card" },
      make("p", {}, make("strong", {}, name)),
      make("p", {}, `${clock(state.hour)}: ${say(...STATES[stateOf(place)])}`),
      make("p", { class: "quiet" }, opening_hours || say("开放时间未登记", "opening hours not recorded")),
      make("p", { class: "quiet" }, host, host ? " · " : "", id),
    );
  }

  function gapLines(gap) {
    const unit = data.unit[english() ? 1 : 0];
    const near = gap.nearest_name && `${say("最近", "nearest")} ${gap.nearest_name}, ${gap.nearest_m ? metres(gap.nearest_m) : say("就在其中", "on site")}`;
    const usable = gap.usable_name && gap.usable_name !== gap.nearest_name && `${say("那时能用的", "usable then")} ${gap.usable_name}, ${metres(gap.usable_m)}`;
    return [
      `${say("损失", "lost")} ${number(gap.lost)} ${unit} (${percent((1000 * gap.lost) / gap.present)})`,
      `${say(gap.hours_zh, gap.hours_en)} · ${say(gap.cause_zh, gap.cause_en)}`,
      [near, usable].filter(Boolean).join("; "),
      `${say("最有效", "wins most")}: ${say(gap.advice_zh, gap.advice_en)}`,
    ].filter(Boolean).map((text) => make("span", { class: "quiet" }, text, make("br")));
  }

  function goTo(site) {
    const { shape, area } = marks[site];
    if (area) map.fitBounds(shape.getBounds().pad(0.6), { maxZoom: 14, animate: false });
    else map.setView(shape.getLayers()[0].getLatLng(), 14, { animate: false });
    shape.openPopup();
  }

  // What is said in one language at a time.
  function write() {
    const language = byId("language");
    language.textContent = say("English", "中文");
    language.lang = say("en", "zh-CN");
    for (const element of document.querySelectorAll("[data-zh]")) element.setAttribute("aria-label", say(element.dataset.zh, element.dataset.en));
    if (playing) byId("play").setAttribute("aria-label", say("暂停", "Pause"));
    byId("days").replaceChildren(...(data.hours > 1 ? DAYS.map((day) => make("span", {}, say(...day))) : []));
    byId("needs").replaceChildren(...data.views.real.map((choice, i) => make("option", { value: i }, choice.zh ? say(choice.zh, choice.en) : say("（不限设施）", "(any amenity or none)"))));
    byId("needs").value = state.needs;
    const entry = (name, text, dot) => make("li", {}, make("i", { class: dot ? "dot" : "", style: `--fill: ${colour(name)}` }), make("span", {}, text));
    byId("legend").replaceChildren(
      ...CLASSES.map(([, name, zh, en]) => entry(name, say(zh, en), false)),
      entry("away", say("没有人在", "nobody there"), false),
      ...["open", "lacks", "doubted", "unknown", "closed"].map((name) => entry(name, `${say("驿站：", "station: ")}${say(...STATES[name])}`, true)),
    );
    const shown = data.gaps.length;
    byId("gaps-count").textContent = say(`共 ${data.gaps_in_all} 处，列出 ${shown} 处；点一下移到那里。`, `${data.gaps_in_all} in all, ${shown} listed; a click goes there.`);
    byId("gaps").replaceChildren(...data.gaps.map((gap, i) =>
      make("li", {}, make("button", { type: "button", onclick: () => goTo(gap.site) }, make("strong", {}, `${i + 1}. ${gap.name}`), ...gapLines(gap)))));
    map.closePopup();
    draw();
  }

  function go(hour) {
    state.hour = (hour + data.hours) % data.hours;
    draw();
  }

  function stop() {
    clearInterval(playing);
    playing = 0;
    byId("play").setAttribute("aria-pressed", "false");
    byId("play").setAttribute("aria-label", say("播放一周", "Play the week"));
  }

  function play() {
    if (playing) {
      stop();
      return;
    }
    playing = setInterval(() => go(state.hour + 1), STEP_MS);
    byId("play").setAttribute("aria-pressed", "true");
    byId("play").setAttribute("aria-label", say("暂停", "Pause"));
  }

  byId("language").addEventListener("click", () => {
    document.documentElement.lang = english() ? "zh-CN" : "en";
    write();
  });
  byId("hour").max = data.hours - 1;
  byId("hour").addEventListener("input", ({ target }) => go(Number(target.value)));
  byId("hour").addEventListener("keydown", (event) => {
    const days = { PageUp: DAY, PageDown: -DAY }[event.key];
    if (days) go(Math.min(Math.max(state.hour + days, 0), data.hours - 1));
    else if (event.key === " ") play();
    else return;
    event.preventDefault();
  });
  byId("play").addEventListener("click", play);
  byId("back").addEventListener("click", () => go(state.hour - 1));
  byId("on").addEventListener("click", () => go(state.hour + 1));
  byId("needs").addEventListener("change", ({ target }) => change({ needs: Number(target.value) }));
  for (const input of document.querySelectorAll("[name=view]")) input.addEventListener("change", () => change({ view: input.value }));
  still.addEventListener("change", () => { stop(); byId("play").hidden = still.matches; });
  document.addEventListener("visibilitychange", stop);
  map.on("zoomend", showDots);

  function change(part) {
    Object.assign(state, part);
    map.closePopup();
    drawStrip();
    draw();
  }

  function showDots() {
    if (map.getZoom() < CLOSE) dots.addTo(map);
    else dots.remove();
  }

  byId("play").hidden = still.matches;
  if (data.hours === 1) for (const id of ["back", "play", "on", "ruler"]) byId(id).hidden = true;
  L.control.scale({ imperial: false }).addTo(map);
  const bounds = shapes.getBounds();
  if (bounds.isValid()) map.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 14 });
  showDots();
  write();
  drawStrip();
})();
