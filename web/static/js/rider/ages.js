// How long ago, in words.

import { number, t } from "../i18n.js";

const MINUTE_MS = 60_000;
const OLD_MS = 12 * 60 * MINUTE_MS;

export function ageText(at, now = Date.now()) {
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (minutes < 1) return t("ageNow");
  if (minutes < 60) return t("ageMinutes", { n: number(minutes) });
  if (minutes < 48 * 60) return t("ageHours", { n: number(Math.floor(minutes / 60)) });
  return t("ageDays", { n: number(Math.floor(minutes / 1440)) });
}

export function isOld(at, now = Date.now()) {
  return now - at >= OLD_MS;
}
