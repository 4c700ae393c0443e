// Elements made from text. Texts of the register reach the page here and only here, as text:
// nothing in these modules writes markup from data.

const SVG = "http://www.w3.org/2000/svg";
const READ = new Set(["aria-label", "placeholder", "title"]); // attributes that are shown or spoken
// Marks that turn the order of text round: none may reach what stands after a name.
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

// Make an element: `make("p", { class: "quiet" }, "text", child)`. Empty children are left out.
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, READ.has(name) ? straight(value) : value);
  }
  const shown = children.filter((child) => child != null && child !== "");
  element.append(...(element.localName === "textarea" ? shown : shown.map(straight)));
  return element;
}

// Text as it is shown: in the order its letters have.
export function straight(text) {
  return typeof text === "string" ? text.replace(TURNING, "") : text;
}

// Make a text all that an element holds.
export function setText(element, text) {
  element.replaceChildren(straight(text));
}

export function byId(id) {
  return document.getElementById(id);
}

// Say something in a status line; with `retry`, offer to do it again.
export function say(element, text, { retry, failed = Boolean(retry) } = {}) {
  element.replaceChildren(straight(text));
  element.classList.toggle("failed", failed);
  if (retry) element.append(" ", make("button", { type: "button", class: "plain", onclick: retry.run }, retry.label));
}
