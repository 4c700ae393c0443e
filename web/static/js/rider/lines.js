// Doors over the coming days, from the lines of a package: start and state in turn, in minutes since
// the first day's midnight in Beijing. States: 0 closed, 1 open, 2 unknown.

const WORDS = ["closed", "open", "unknown"];
const CHANGES = {
  zh: ["关门", "开门", "之后时间未知"],
  en: ["closes", "opens", "unknown from"],
};
const LASTING = [
  { zh: "这几天都不开门", en: "closed all these days" },
  { zh: "这几天一直开放", en: "open all these days" },
  { zh: "开放时间未知", en: "hours unknown" },
];
const DAYS = { zh: "日一二三四五六", en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const DAY = 1440;
const SOON_MIN = 60;

export function stateWord(state) {
  return WORDS[state];
}

// Closed if it is at any minute from `first` to `last`, both inclusive; else unknown if it is at
// any; open otherwise. What lies outside the `days` is unknown.
export function worst(line, first, last, days) {
  let found = first < 0 || last >= days * DAY ? 2 : 1;
  for (let i = 0; i < line.length; i += 2) {
    const ends = i + 2 < line.length ? line[i + 2] : days * DAY;
    if (line[i] > last || ends <= first) continue;
    if (line[i + 1] === 0) return 0;
    if (line[i + 1] === 2) found = 2;
  }
  return found;
}

// What changes first after the minute `from`, told as seen from the minute `now`.
export function changeText(line, from, now, firstDay) {
  const state = worst(line, from, from, Infinity);
  for (let i = 0; i < line.length; i += 2) {
    if (line[i] > from && line[i + 1] !== state) return { zh: said("zh", line[i], line[i + 1], now, firstDay), en: said("en", line[i], line[i + 1], now, firstDay) };
  }
  return LASTING[state];
}

function said(language, minute, state, now, firstDay) {
  const left = minute - now;
  const clock = `${String(Math.floor((minute % DAY) / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const ahead = Math.floor(minute / DAY) - Math.floor(now / DAY);
  const weekday = new Date(Date.parse(`${firstDay}T00:00Z`) + Math.floor(minute / DAY) * DAY * 60_000).getUTCDay();
  const zh = language === "zh";
  const day = ahead === 0 ? "" : ahead === 1 ? (zh ? "明天 " : "tomorrow ") : zh ? `周${DAYS.zh[weekday]} ` : `${DAYS.en[weekday]} `;
  const when = left <= SOON_MIN ? (zh ? `${left} 分钟后` : `in ${left} min`) : day + clock;
  return zh ? `${when}${left <= SOON_MIN ? "" : " "}${CHANGES.zh[state]}` : `${CHANGES.en[state]} ${when}`;
}
