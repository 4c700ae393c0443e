// Doors over the coming days, from the lines of a package: start and state in turn, in minutes since
// the first day's midnight in Beijing. States: 0 closed, 1 open, 2 unknown.

import { inEach } from "../i18n.js";

const WORDS = ["closed", "open", "unknown"];
const CHANGES = [["closesIn", "closesAt"], ["opensIn", "opensAt"], ["unknownIn", "unknownFrom"]];
const LASTING = ["closedLong", "openLong", "unknownLong"];
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

// What changes first after the minute `from`, told as seen from the minute `now`; a door that may be
// shut already is not said to close.
export function changeText(line, from, now, firstDay) {
  const state = worst(line, from, from, Infinity);
  if (state === 2) return inEach(LASTING[2]);
  for (let i = 0; i < line.length; i += 2) {
    if (line[i] > from && line[i + 1] !== state) return said(line[i], line[i + 1], now, firstDay);
  }
  return inEach(LASTING[state]);
}

function said(minute, state, now, firstDay) {
  const [soon, later] = CHANGES[state];
  if (minute - now <= SOON_MIN) return inEach(soon, { n: minute - now });
  const clock = `${String(Math.floor((minute % DAY) / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const ahead = Math.floor(minute / DAY) - Math.floor(now / DAY);
  if (ahead === 0) return inEach(later, { time: clock });
  const weekday = new Date(Date.parse(`${firstDay}T00:00Z`) + (Math.floor(minute / DAY) - 1) * DAY * 60_000).getUTCDay();
  return inEach(later, { time: inEach(ahead === 1 ? "tomorrowAt" : "weekdayAt", { day: inEach(`day${weekday}`), clock }) });
}
