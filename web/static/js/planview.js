"use strict";
// Shows a plan: figures, who is served before and after, what is done and why. Used by the planner's
// page and by plans sent on. Texts of the register become text, never markup.
window.planView = (() => {
  const GROUND = { color: "#a9a49a", weight: 1, fill: false };
  const MANY = 300; // of more points than that each is drawn smaller
  const CLOSE = 11; // from this zoom on an area is drawn without its dot
  const POPUP = { maxHeight: 180, minWidth: 160, maxWidth: 220, autoPanPaddingTopLeft: [56, 8] }; // beside the zoom buttons
  const FEW = 12; // of so many actions the reasons are shown at once
  const CLASSES = [
    [0, "none", "不可到达", "none in reach"],
    [1e-9, "s1", "不到 25%", "under 25 %"],
    [0.25, "s2", "25–50%", "25–50 %"],
    [0.5, "s3", "50–75%", "50–75 %"],
    [0.75, "s4", "75% 以上", "75 % and more"],
    [0.999999, "all", "全部可到达", "all in reach"],
  ];
  const style = () => getComputedStyle(document.documentElement);
  const colour = (name) => style().getPropertyValue(`--plan-${name}`).trim();
  const english = () => document.documentElement.lang === "en";
  const say = (zh, en) => (english() ? en : zh);
  const of = (said) => say(said.zh, said.en);
  const number = (value, digits = 0) => value.toLocaleString(english() ? "en" : "zh-CN", { maximumFractionDigits: digits });
  const percent = (share) => (share == null ? "–" : `${number(share * 100, 1)}%`);
  const yuan = (value) => `${number(value)} ${say("元", "yuan")}`;

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

  function svg(tag, attributes, text = "") {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = straight(text);
    return element;
  }

  const classOf = (share) =>
    share == null ? "away" : CLASSES.reduce((found, [from, name]) => (share >= from ? name : found), "none");

  // One map: sites by the share covered in `when`, the stations, and afterwards what is done.
  function fill(map, data, when) {
    const drawn = L.featureGroup().addTo(map);
    const dots = L.featureGroup();
    L.geoJSON({ type: "GeometryCollection", geometries: data.outlines }, { interactive: false, style: GROUND }).addTo(drawn);
    const shapes = L.featureGroup().addTo(drawn);
    const [radius, edge] = data.sites.length > MANY ? [4, 0.5] : [6, 1.5];
    for (const site of data.sites) {
      const name = classOf(site[when]);
      const area = site.geometry.type !== "Point";
      const faint = area && (name === "none" || name === "away");
      const dress = { color: area ? colour(name) : "#fff", weight: area ? 2 : edge, fillColor: colour(name), fillOpacity: faint ? 0.25 : 0.85, dashArray: faint ? "5 4" : null };
      const card = () => siteCard(data, site);
      L.geoJSON(site.geometry, { style: dress, pointToLayer: (_, at) => L.circleMarker(at, { radius, ...dress }) }).bindPopup(card, POPUP).addTo(shapes);
      if (area) L.circleMarker([site.at[1], site.at[0]], { radius: 6, ...dress, color: "#fff", weight: 1.5, dashArray: null, fillOpacity: 0.9 }).bindPopup(card, POPUP).addTo(dots);
    }
    for (const station of data.stations) {
      L.circleMarker([station.lat, station.lon], { radius: 4, color: colour("station"), weight: 1.5, fillColor: "#fff", fillOpacity: 1 })
        .bindPopup(() => make("div", {}, make("strong", {}, station.name), make("p", { class: "quiet" }, say(station.hours_zh, station.hours_en))), POPUP).addTo(drawn);
    }
    const marks = {};
    if (when === "after") {
      for (const action of data.actions) {
        marks[action.id] = L.circleMarker([action.lat, action.lon], { radius: action.builds ? 9 : 7, pane: "actions", color: "#fff", weight: 2, fillColor: colour("new"), fillOpacity: 1 })
          .bindPopup(() => make("div", {}, make("strong", {}, say(action.zh, action.en)), make("p", {}, action.name), make("p", { class: "quiet" }, yuan(action.cost))), POPUP).addTo(drawn);
      }
    }
    const showDots = () => (map.getZoom() < CLOSE ? dots.addTo(drawn) : dots.removeFrom(drawn));
    map.on("zoomend", showDots);
    const clear = () => { map.off("zoomend", showDots); drawn.remove(); };
    return { shapes, marks, showDots, clear };
  }

  function siteCard(data, site) {
    const workers = site.workers == null ? say("职工数未登记", "workers unknown") : `${number(site.workers)} ${say("人", "workers")}`;
    return make("div", {},
      make("p", {}, make("strong", {}, site.name)),
      make("p", {}, `${percent(site.before)} → ${percent(site.after)} ${say("可到达", "in reach")}`),
      make("p", { class: "quiet" }, `${workers} · ${site.id}`));
  }

  // Move one map with the other.
  function together(one, other) {
    let moving = false;
    for (const [from, to] of [[one, other], [other, one]]) {
      from.on("move", () => {
        if (moving) return;
        moving = true;
        to.setView(from.getCenter(), from.getZoom(), { animate: false });
        moving = false;
      });
    }
  }

  function figures(data) {
    const entry = (term, value, more) => make("div", {}, make("dt", {}, term), make("dd", {}, value, more ? make("small", {}, more) : ""));
    if (data.blame) {
      return make("dl", { class: "figures" }, entry(say("结论", "Outcome"), of(data.status), of(data.blame)));
    }
    const proof = data.bound == null ? "" : data.cover_all
      ? say(`已证明不少于 ${number(data.bound)}`, `proven: at least ${number(data.bound)}`)
      : say(`已证明不超过 ${number(data.bound)}`, `proven: at most ${number(data.bound)}`);
    const gap = data.gap == null ? "" : `${say("差距", "gap")} ${number(data.gap * 100, 2)}%`;
    return make("dl", { class: "figures" },
      entry(say("覆盖", "Covered"), `${percent(data.before)} → ${percent(data.after)}`, data.estimated ? say("分钟按直线估计", "minutes estimated from straight lines") : ""),
      data.cover_all ? "" : entry(say(`增加${data.unit.zh}/周`, `${data.unit.en} gained a week`), number(data.objective), proof),
      entry(say("费用", "Cost"), yuan(data.cost), say(`${data.actions.length} 项措施`, `${data.actions.length} actions`)),
      entry(say("结论", "Outcome"), of(data.status), data.cover_all ? proof : gap));
  }

  // Two things said in brackets.
  function aside(one, other) {
    return say(`（${one}，${other}）`, ` (${one}, ${other})`);
  }

  function actionEntry(data, action, names, go, beside) {
    const why = action.why;
    const unit = of(data.unit);
    const open = data.actions.length <= FEW ? { open: "" } : {};
    const hours = action.hours_en && `${say("开放时间", "hours")} ${say(action.hours_zh, action.hours_en)}`;
    const amenities = say(action.amenities_zh, action.amenities_en);
    const other = (id) => `${names.get(id) ?? id}`;
    const moved = action.kind === "move" ? say(`从 ${action.station_name}`, `from ${action.station_name}`) : action.into_name && say(`归 ${action.into_name}`, `left to ${action.into_name}`);
    const who = why.sites.map((site) => `${site.name}${aside(`${number(site.worker_hours)} ${unit}`, say(site.hours_zh, site.hours_en))}`).join(say("；", "; "));
    const line = (zh, en, text) => text && make("p", {}, make("span", { class: "quiet" }, `${say(zh, en)} `), text);
    return make("li", {},
      make("button", { type: "button", class: "go", onclick: () => go(action) },
        `${data.years > 1 ? say(`第 ${action.year} 年 `, `Year ${action.year}: `) : ""}${say(action.zh, action.en)} · ${action.name}`),
      make("p", { class: "quiet" }, [action.county, yuan(action.cost), moved, hours, amenities].filter(Boolean).join(" · ")),
      beside?.(action),
      make("details", open, make("summary", {}, say("理由", "Why")),
      line("单独增加", "gains alone", `${number(why.gain)} ${unit}${why.per_10000_yuan == null ? "" : say(`，每万元 ${number(why.per_10000_yuan)}`, `, ${number(why.per_10000_yuan)} for 10,000 yuan`)}`),
      line("谁受益", "who gains", who && `${say(`${number(why.workers)} 人：`, `${number(why.workers)} workers: `)}${who}${why.sites_gaining > why.sites.length ? say(` 等 ${why.sites_gaining} 处`, ` of ${why.sites_gaining} sites`) : ""}`),
      line("去掉它，方案少", "without it the plan loses", `${number(why.loss)} ${unit}`),
      line("因此可有可无", "makes superfluous", why.superfluous.map(other).join(say("、", ", "))),
      line("次优替代", "runner-up", why.runner_up && `${why.runner_up.name}${aside(yuan(why.runner_up.cost), `${number(why.runner_up.gain)} ${unit}`)}`)));
  }

  // What is said where nothing is to be done.
  function nothing(data) {
    if (data.blame) return say("没有方案，见上面的结论。", "There is no plan: see the outcome above.");
    if (data.before >= 1) return say("没有盲区：现在已经全部可到达，不需要措施。", "Nobody is left out today: nothing is to be done.");
    return say("在这些条件下，没有措施能增加覆盖。", "Within these limits no action gains anything.");
  }

  // Gain against money, with the proven bound and the knee.
  function chart(data) {
    const { points, knee } = data.study.frontier;
    const [width, height, left, bottom, top] = [560, 280, 70, 40, 14];
    const most = Math.max(...points.map((each) => Math.max(each.gain, each.bound ?? 0)), 1);
    const dearest = Math.max(...points.map((each) => each.budget), 1);
    const x = (money) => left + (money / dearest) * (width - left - 20);
    const y = (gain) => height - bottom - (gain / most) * (height - bottom - top);
    const path = (value) => points.map((each, i) => `${i ? "L" : "M"}${x(each.budget).toFixed(1)} ${y(value(each)).toFixed(1)}`).join("");
    const drawing = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("预算与增加的关系", "Gain against budget") });
    for (const part of [0, 0.5, 1]) {
      drawing.append(svg("line", { class: "grid", x1: left, x2: width - 20, y1: y(most * part), y2: y(most * part) }));
      drawing.append(svg("text", { x: left - 6, y: y(most * part) + 4, "text-anchor": "end" }, short(most * part)));
      drawing.append(svg("text", { x: x(dearest * part), y: height - bottom + 18, "text-anchor": part ? "middle" : "start" }, short(dearest * part)));
    }
    drawing.append(
      svg("line", { class: "axis", x1: left, x2: width - 20, y1: height - bottom, y2: height - bottom }),
      svg("path", { class: "bound", d: path((each) => each.bound ?? each.gain) }),
      svg("path", { class: "gain", d: path((each) => each.gain) }),
      ...points.map((each) => svg("circle", { class: each.budget === knee ? "knee" : "", cx: x(each.budget), cy: y(each.gain), r: each.budget === knee ? 6 : 4 })),
      svg("text", { x: width - 20, y: height - 6, "text-anchor": "end" }, say("预算（元）", "budget, yuan")),
    );
    return drawing;
  }

  const short = (value) => (english() || value < 1e4 ? Intl.NumberFormat(english() ? "en" : "zh-CN", { notation: "compact", maximumFractionDigits: 1 }).format(value) : `${number(value / 1e4, 1)}万`);

  function study(data) {
    const { frontier, next_yuan: next, sensitivity } = data.study;
    const unit = of(data.unit);
    const stay = say(`各类价格上下浮动两成，${sensitivity.stable.length}/${data.actions.length} 项措施不变。`, `Prices 20 % up or down, kind by kind: ${sensitivity.stable.length} of ${data.actions.length} actions stay.`);
    const more = say(`再多 ${number(next.yuan)} 元，还可增加 ${number(next.gain)} ${unit}。`, `The next ${number(next.yuan)} yuan would win ${number(next.gain)} ${unit}.`);
    const bend = frontier.knee == null ? "" : say(`拐点：${number(frontier.knee)} 元，此后每元收益低于平均。`, `Knee: ${number(frontier.knee)} yuan; beyond it a yuan wins less than on average.`);
    return make("section", {}, make("h2", {}, say("钱与效果", "Money and gain")), frontier.points.length > 1 ? chart(data) : "",
      make("p", {}, bend), make("p", {}, more), make("p", {}, stay),
      make("p", { class: "quiet" }, say("虚线：已证明的上界。", "Dashed: the proven bound.")));
  }

  function legend(data) {
    const entry = (name, text, dot) => {
      const mark = make("i", { class: dot ? "dot" : "" });
      mark.style.setProperty("--fill", colour(name));
      return make("li", {}, mark, text);
    };
    return [
      ...CLASSES.map(([, name, zh, en]) => entry(name, say(zh, en), false)),
      data.sites.some((site) => site.before == null) ? entry("away", say("职工数未登记，不计入", "workers unknown, not counted"), false) : "",
      entry("new", say("措施", "action"), true),
      ...data.attribution.map((text) => make("li", { class: "quiet" }, text)),
    ];
  }

  // Tell all that stands beside the map; `go` is called with an action that is touched, `beside`
  // gives what stands with an action besides, if anything.
  function tell(data, { go, beside = null }) {
    const byId = (id) => document.getElementById(id);
    const names = new Map(data.stations.map((station) => [station.id, station.name]));
    byId("labels").replaceChildren(...data.labels.map((said) => make("p", { class: "flag" }, of(said))));
    byId("asked").textContent = straight(of(data.asked));
    byId("figures").replaceChildren(figures(data));
    byId("actions").replaceChildren(...data.actions.map((action) => actionEntry(data, action, names, go, beside)));
    byId("nothing").textContent = data.actions.length ? "" : nothing(data);
    byId("study").replaceChildren(data.study ? study(data) : "");
  }

  // Show `data` on two maps, {before, after}, and beside them; returns what tells it anew.
  function show(data, maps) {
    const byId = (id) => document.getElementById(id);
    byId("maps").classList.toggle("alone", !data.actions.length); // nothing will be otherwise
    const sides = { before: fill(maps.before, data, "before"), after: fill(maps.after, data, "after") };
    const bounds = sides.after.shapes.getBounds();
    const go = (action) => {
      maps.after.setView([action.lat, action.lon], Math.max(maps.after.getZoom(), 13), { animate: false });
      sides.after.marks[action.id].openPopup();
      byId("maps").scrollIntoView({ block: "nearest" });
    };
    const write = () => {
      tell(data, { go });
      byId("legend").replaceChildren(...legend(data));
      for (const map of Object.values(maps)) map.closePopup();
    };
    for (const map of Object.values(maps)) map.invalidateSize({ animate: false });
    if (bounds.isValid()) maps.before.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 14 }); // and the other with it
    for (const side of Object.values(sides)) side.showDots();
    write();
    return { retell: write };
  }

  function prepare(maps) {
    for (const map of Object.values(maps)) {
      map.attributionControl.setPrefix(false);
      map.createPane("actions").style.zIndex = 450; // above the sites
    }
    together(maps.before, maps.after);
  }

  addEventListener("beforeprint", () => {
    for (const why of document.querySelectorAll("#actions details")) why.open = true;
  });

  return { say, english, fill, legend, tell, prepare, show };
})();
