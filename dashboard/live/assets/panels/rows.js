// The rows of a panel without a chart, each with a label, a value, and a button that copies a text.

import { button, el, setText } from "../dom.js";

const CONFIRMATION = 1500; // milliseconds for which a button shows that it has copied

export class Rows {
  constructor() {
    this.root = el("dl", "rs-rows");
  }

  show(rows) {
    if (this.root.children.length !== rows.length) {
      this.root.replaceChildren(...rows.map(() => el("div", "rs-row", el("dt", ""), el("dd", ""), copyButton())));
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
  const node = button("Copy", "", async () => {
    node.textContent = (await copyText(node.regscopeCopy)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (node.textContent = "Copy"), CONFIRMATION);
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
    const area = el("textarea", "rs-hidden", text);
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
