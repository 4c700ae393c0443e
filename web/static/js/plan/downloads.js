// Files to take away: fetched as the caller this tab is signed in as, then handed to the browser.

import { getFile } from "../api.js";
import { byId, make, say } from "../dom.js";
import { t } from "../i18n.js";
import { state } from "../state.js";
import { question, supposed } from "./question.js";

const FILES = [
  ["xlsx", "fileSheet"],
  ["png", "filePicture"],
  ["gpkg", "fileLayer"],
  ["geojson", "fileGeojson"],
  ["html", "filePage"],
];

// Offer the files of what is shown; of nothing, none.
export function showDownloads(known) {
  byId("downloads").hidden = !known;
  say(byId("download-status"), "");
  const buttons = FILES.map(([format, key]) => make("button", { type: "button", class: "plain", onclick: () => take(format) }, t(key)));
  byId("download-buttons").replaceChildren(...buttons);
}

async function take(format) {
  const status = byId("download-status");
  say(status, t("fileComing"));
  try {
    const blob = await getFile("coverage/file", { ...question(), what_if: state.view === "then" ? supposed() : "", format });
    const href = URL.createObjectURL(blob);
    const link = make("a", { href, download: `coverage-${state.layer}.${format}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    say(status, t("fileCame"));
  } catch (error) {
    say(status, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => take(format) } });
  }
}
