// Elements made from text. Texts of the register reach the page here and only here, as text:
// nothing in these modules writes markup from data.

const SVG = "http://www.w3.org/2000/svg";

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
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// Say something in a status line; with `retry`, offer to do it again.
export function say(element, text, { retry, failed = Boolean(retry) } = {}) {
  element.replaceChildren(text);
  element.classList.toggle("failed", failed);
  if (retry) element.append(" ", make("button", { type: "button", class: "plain", onclick: retry.run }, retry.label));
}
