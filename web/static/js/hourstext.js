// Opening hours, a little more readable.

import { t } from "./i18n.js";

const HOURS_ZH = [
  [/24\/7/g, "全天"],
  [/\bPH\b/g, "节假日"],
  [/\b(?:off|closed)\b/g, "不开"],
  ...["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((day, i) => [new RegExp(`\\b${day}\\b`, "g"), `周${"一二三四五六日"[i]}`]),
  [/;\s*/g, "；"],
];

// Opening hours as the register has them, their few words in the page's language.
export function hoursText(hours) {
  if (!hours) return t("hoursUnknown");
  if (document.documentElement.lang === "en") return hours;
  return HOURS_ZH.reduce((text, [pattern, word]) => text.replace(pattern, word), hours);
}
