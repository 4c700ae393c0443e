// What is planned at stations in the next days, shown beside them.

import { get } from "./api.js";
import { make } from "./dom.js";
import { t } from "./i18n.js";
import { lifted } from "./press.js";

const AHEAD_MS = 30 * 86_400_000;
const MOST = 3; // at one station
const DAY_MS = 86_400_000;

// Ask once for all stations of a list (elements with their ids), and tell it beside each: after the
// answer that matters is on the screen, and without a word if it fails.
export async function tellActivities(items, before) {
  const wanted = items.filter((item) => item.isConnected);
  if (!wanted.length) return;
  const now = Date.now();
  const question = { stations: wanted.map((item) => item.dataset.id).join("\n"), since: new Date(now).toISOString(), until: new Date(now + AHEAD_MS).toISOString(), state: "planned" };
  const told = await get("activities", question).catch(() => ({ activities: [] }));
  await lifted();
  for (const item of wanted) {
    const mine = told.activities.filter(({ station }) => station === item.dataset.id);
    if (mine.length && item.isConnected) item.querySelector(before)?.before(...activityLines(mine));
  }
}

export function activityLines(activities) {
  return activities.slice(0, MOST).map((each) => make("p", { class: "happening quiet" }, activityText(each)));
}

function activityText({ starts, title, place }) {
  const [day, clock] = [starts.slice(0, 10), starts.slice(11, 16)];
  const ahead = Math.round((Date.parse(day) - Date.parse(today())) / DAY_MS);
  const values = { day: day.slice(5), time: clock, title };
  const text = ahead === 0 ? t("activityToday", values) : ahead === 1 ? t("activityTomorrow", values) : t("activityOn", values);
  return place ? `${text} · ${place}` : text;
}

// The day it is in Beijing.
function today() {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
}
