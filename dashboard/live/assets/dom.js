// Functions that create and change DOM nodes.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

export function createElement(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

export function createSvgElement(tag, attributes = {}) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

export function createButton(label, title, onClick) {
  const node = createElement("button", "rs-button", label);
  node.type = "button";
  if (title) node.title = title;
  node.addEventListener("click", onClick);
  return node;
}

// Assigning an equal text would replace the text node at every frame.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
