// The steps that may be taken on a finding now, each with its own small form.

import { post, put } from "../api.js";
import { make, say as tell } from "../dom.js";
import { t, titled } from "../i18n.js";
import { nameOfMe } from "./session.js";

const SEEN = ["cannot_enter", "cannot_use", "cannot_find", "cannot_see", "wrong_hours", "missing_amenity", "wrong_place", "closed_for_good"];
const PHOTOS = ["image/jpeg", "image/png", "image/webp"];
const ORDER = ["to", "due", "until", "seen", "visited", "alone", "proof", "why"];

// Buttons of the steps `told` offers; `desk.taken` is given what the server answers.
export function stepButtons(told, desk) {
  if (!told.offers.length) return [make("p", { class: "quiet" }, t("nothingToDo"))];
  const under = make("div");
  const open = (offer, button) => {
    for (const other of row.children) other.setAttribute("aria-expanded", String(other === button));
    under.replaceChildren(stepForm(offer, told, desk, () => {
      under.replaceChildren();
      button.setAttribute("aria-expanded", "false");
      button.focus();
    }));
    const first = under.querySelector("input, select, textarea");
    first.focus();
    first.select?.(); // what is proposed goes by typing
  };
  const row = make("div", { class: "tools", role: "group", "aria-label": t("doNow") });
  row.append(...told.offers.map((offer) => make("button", { type: "button", class: "plain", "data-step": offer.step, "aria-expanded": "false", onclick: ({ currentTarget }) => open(offer, currentTarget) }, titled(offer))));
  return [row, under];
}

function stepForm(offer, told, desk, close) {
  const names = ORDER.filter((name) => offer.needs.includes(name) || offer.takes.includes(name));
  const status = make("p", { role: "status" });
  const form = make(
    "form",
    { class: "step-form", "aria-label": titled(offer) },
    make("h3", {}, titled(offer)),
    make("div", { class: "fields" }, ...names.map((name) => field(name, offer.needs.includes(name)))),
    make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, t("submit")), make("button", { type: "button", class: "plain", onclick: close }, t("cancel"))),
    status,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const controls = [...form.elements];
    tell(status, t("sending"));
    try {
      const sent = { step: offer.step, after: told.steps.at(-1).number, ...(await valuesOf(form, names, told)) };
      for (const control of controls) control.disabled = true;
      desk.taken(await post(`findings/${told.finding.finding}/steps`, sent));
    } catch (error) {
      for (const control of controls) control.disabled = false;
      if (error.status === 409) desk.overtaken(t("changedMeanwhile", { why: error.message }));
      else tell(status, t("didNot", { why: error.message }), { failed: true });
    }
  });
  return form;
}

function field(name, required) {
  const label = [t(name), required || name === "visited" ? "" : t("optional")].join("");
  const input = INPUTS[name](required);
  input.name = name;
  input.required = required;
  if (input.type === "checkbox") return make("label", { class: "check" }, input, label);
  return make("label", {}, label, input);
}

const INPUTS = {
  why: () => make("textarea", { rows: 2, maxlength: 500, placeholder: t("whyHelp") }),
  to: () => make("input", { maxlength: 100, autocomplete: "off", value: nameOfMe() }),
  due: () => make("input", { type: "date" }),
  until: () => make("input", { type: "date" }),
  seen: (required) => make("select", {}, ...(required ? SEEN : ["", ...SEEN]).map((code) => make("option", { value: code }, t(code || "notSaid")))),
  visited: () => make("input", { type: "checkbox" }),
  alone: () => make("input", { type: "checkbox" }),
  proof: () => make("input", { type: "file", multiple: true, accept: PHOTOS.join() }),
};

async function valuesOf(form, names, told) {
  const values = {};
  for (const name of names) {
    const input = form.elements[name];
    if (input.type === "checkbox") values[name] = input.checked;
    else if (input.type === "file") values[name] = await Promise.all([...input.files].map((file) => proved(file, told.finding.station)));
    else if (input.value.trim()) values[name] = input.value.trim();
  }
  return values;
}

// A photo's name and fingerprint, once the server has it: nothing else is proof.
async function proved(file, station) {
  if (!crypto.subtle) throw new Error(t("noProof"));
  const bytes = await file.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!PHOTOS.includes(file.type)) throw new Error(t("photosOnly", { name: file.name }));
  await put(`photos/${sha256}?station=${encodeURIComponent(station)}`, file);
  return { name: file.name.slice(0, 200), sha256 };
}
