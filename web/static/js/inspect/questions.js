// One question of a form as controls for a thumb. `visit.answers` holds what was answered; what was
// not is not in it. `tell` is called after every change.

import { make } from "../dom.js";
import { hoursText } from "../hourstext.js";
import { number, t, titled } from "../i18n.js";
import { photoField } from "./photofield.js";

const FIELDS = { yes_no: yesNo, choice, number: numberField, text: textField };
const YES_NO = [[true, "yes"], [false, "no"]];
const LONGEST_TEXT = 500;

export function questionField(visit, question, n, tell) {
  const name = `q${n}`;
  const hints = [help(question), claim(question)].filter(Boolean);
  const ids = hints.map((hint, i) => Object.assign(hint, { id: `${name}-hint${i}` }).id).join(" ");
  const legend = make("legend", {}, make("span", { class: "count" }, `${n}. `), titled(question));
  const field = make("fieldset", { class: "question", "aria-describedby": ids || null }, legend, ...hints);
  field.append(question.kind === "photo" ? photoField(visit, question.id, titled(question), tell) : answering(visit, question, name, tell));
  return field;
}

function answering(visit, question, name, tell) {
  const box = make("div", { class: "answering" });
  const clear = make("button", { type: "button", class: "clear" }, t("clearAnswer"), make("span", { class: "unseen" }, ` ${titled(question)}`));
  const set = (value) => {
    if (value === undefined) delete visit.answers[question.id];
    else visit.answers[question.id] = value;
    clear.hidden = !(question.id in visit.answers);
    tell();
  };
  const draw = () => {
    box.replaceChildren(FIELDS[question.kind]({ value: visit.answers[question.id], question, name, set }), clear);
  };
  clear.hidden = !(question.id in visit.answers);
  clear.addEventListener("click", () => {
    set(undefined);
    draw();
    box.querySelector("input, textarea").focus();
  });
  draw();
  return box;
}

function yesNo({ value, name, set }) {
  const options = YES_NO.map(([answer, word]) => [answer, t(word)]);
  return make("div", { class: "pair" }, ...options.map((option) => radio(option, { value, name, set })));
}

function choice({ value, question, name, set }) {
  return make("div", { class: "options" }, ...question.choices.map((each) => radio([each.code, titled(each)], { value, name, set })));
}

function radio([answer, text], { value, name, set }) {
  const input = make("input", { type: "radio", name, value: String(answer), checked: answer === value, onchange: () => set(answer) });
  return make("label", { class: "big" }, input, make("span", {}, text));
}

function numberField({ value, question, set }) {
  const input = make("input", { type: "number", inputmode: "decimal", min: 0, step: "any", "aria-label": titled(question), value: value ?? "" });
  input.addEventListener("input", () => set(input.value === "" ? undefined : input.valueAsNumber));
  return input;
}

function textField({ value, question, set }) {
  const input = make("textarea", { rows: 2, maxlength: LONGEST_TEXT, "aria-label": titled(question) }, value ?? "");
  input.addEventListener("input", () => set(input.value.trim() || undefined));
  return input;
}

function help(question) {
  return question.help ? make("p", { class: "quiet" }, titled(question.help)) : null;
}

function claim({ id, claimed, choices }) {
  if (claimed == null) return null;
  const what = id === "hours.notice" ? hoursText(claimed) : told(claimed, choices);
  return make("p", { class: "claimed" }, t("claimed", { what }));
}

function told(value, choices) {
  const known = choices.find(({ code }) => code === value);
  if (known) return titled(known);
  return typeof value === "number" ? number(value) : value;
}
