// The rows of a panel without a chart, each with a label, a value, and a button that copies a text.

import { createButton, createElement, setText } from "../dom.js";

const CONFIRMATION_TIME = 1500; // milliseconds for which a button shows that it has copied

export class Rows {
  constructor() {
    this.root = createElement("dl", "rs-rows");
  }

  show(rows) {
    if (this.root.children.length !== rows.length) {
      this.root.replaceChildren(...rows.map(() => createElement("div", "rs-row", createElement("dt", ""), createElement("dd", ""), copyButton())));
    }
    rows.forEach((row, i) => {
      const [dt, dd, copy] = this.root.children[i].children;
      setText(dt, row.label);
      setText(dd, row.value);
      copy.hidden = !row.copy;
      copy.regscopeCopy = row.copy;
      copy.title = row.copy;
      copy.setAttribute("aria-label", `Copy ${row.copy}`);
    });
  }

  clear() {
    this.root.replaceChildren();
  }
}

function copyButton() {
  const node = createButton("Copy", "", async () => {
    node.textContent = (await copyText(node.regscopeCopy)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (node.textContent = "Copy"), CONFIRMATION_TIME);
  });
  return node;
}

// Returns whether the text is on the clipboard.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // without HTTPS there is no clipboard: copy a selection instead
    const area = createElement("textarea", "rs-hidden", text);
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
