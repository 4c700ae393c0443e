// Opening hours, a little more readable.

import { inEach, t, titled } from "./i18n.js";

const WORDS = [
  [/24\/7/g, "allDay"],
  [/\bMo-Su\b/g, "everyDay"],
  [/\bPH\b/g, "holidaysOf"],
  [/\b(?:off|closed)\b/g, "notOpen"],
  ...["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((day, i) => [new RegExp(`\\b${day}\\b`, "g"), `day${i}`]),
  [/;\s*/g, "semicolon"],
];

// Opening hours as the register has them, their few words in the page's language; English has them as they are.
export function hoursText(hours) {
  return hours ? titled(hoursInEach(hours)) : t("hoursUnknown");
}

// The same in every language.
export function hoursInEach(hours) {
  return { zh: WORDS.reduce((text, [pattern, key]) => text.replace(pattern, inEach(key).zh), hours), en: hours };
}
