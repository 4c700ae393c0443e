// The bulletin's figures by county, and the way to its page.

import { get } from "../api.js";
import { byId, make, say as tell } from "../dom.js";
import { number, percent, t, titled } from "../i18n.js";
import * as chart from "./chart.js";
import { session } from "./session.js";

const form = byId("bulletin-form");
const status = byId("bulletin-status");
const HEADS = ["name", "stations", "checked", "opened", "open", "overdue", "mended"];
let answer = null;

export function startBulletin() {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => openBulletin({}));
  const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
  form.elements.since.value = `${today.slice(0, 8)}01`;
  form.elements.until.value = today;
}

export async function openBulletin({ again = false }) {
  if (again && !answer) return;
  chart.clear();
  const { since, until } = Object.fromEntries(new FormData(form));
  const asked = { since, until, area: session.me.area };
  const kept = Object.entries(asked).filter(([, value]) => value);
  byId("bulletin-page").href = `/bulletin${kept.length ? `?${new URLSearchParams(kept)}` : ""}`;
  if (!again) {
    tell(status, t("loading"));
    try {
      answer = await get("bulletin", asked);
    } catch (error) {
      tell(status, t("didNot", { why: error.message }), { retry: { label: t("retry"), run: () => openBulletin({}) } });
      return;
    }
  }
  write();
}

function write() {
  const rows = answer.counties ?? [];
  tell(status, rows.length ? t("bulletinCount", { ...answer.period, n: number(rows.length) }) : t("bulletinNone"));
  const cells = (row) => HEADS.slice(1).map((name) => make("td", { class: "figure" }, told(row[name])));
  byId("bulletin-rows").replaceChildren(
    ...answer.said.map((line) => make("p", {}, titled(line))),
    make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("tabBulletin") },
      make("table", { class: "table" },
        make("thead", {}, make("tr", {}, ...HEADS.map((name, i) => make("th", { scope: "col", class: i && "figure" }, t(`column_${name}`))))),
        make("tbody", {}, ...rows.map((row) => make("tr", {}, make("th", { scope: "row" }, row.name ?? row.code), ...cells(row)))))),
  );
}

function told(value) {
  if (value == null) return "–";
  return Number.isInteger(value) ? number(value) : percent(value);
}
