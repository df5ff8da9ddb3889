// Helpers that create and change DOM nodes. No other module creates elements.

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

export function svgEl(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function button(label, title, pressed) {
  const node = el("button", "rs-button", label);
  node.type = "button";
  if (title) node.title = title;
  node.addEventListener("click", pressed);
  return node;
}

// Assigning the same text would still replace the text node, ten times a second.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
