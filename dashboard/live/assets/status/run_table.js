// The line of figures of several runs: a small table, a row each, with the sample of its line.

import { sample } from "./legend.js";
import { el } from "./panel.js";

export class Table {
  constructor() {
    this.head = el("tr", "");
    this.body = el("tbody", "");
    this.root = el("table", "rs-table", el("thead", "", this.head), this.body);
    this.root.hidden = true;
  }

  // What stands above the columns, and how the line of each row looks.
  make({ head, swatches }, dark) {
    this.head.replaceChildren(...head.map((word) => heading(word, "col")));
    this.swatches = swatches.map(({ light, dark: inTheDark, dash, outline }) =>
      sample({ line: { color: dark ? inTheDark : light, dash, width: 2, outline } }, 36),
    );
    [...this.body.children].forEach((row, i) => this.dress(row, i));
  }

  show(rows) {
    if (this.body.children.length !== rows.length) {
      this.body.replaceChildren(
        ...rows.map(({ cells }, i) => {
          const name = heading("", "row");
          name.append(el("span", "rs-swatch"), el("span", ""));
          const row = el("tr", "", name, ...cells.slice(1).map(() => el("td", "")));
          this.dress(row, i);
          return row;
        }),
      );
    }
    rows.forEach(({ state, cells }, i) => {
      const row = this.body.children[i];
      row.dataset.state = state;
      cells.forEach((text, j) => {
        const cell = j ? row.children[j] : row.firstChild.lastChild;
        if (cell.textContent !== text) cell.textContent = text;
      });
      row.firstChild.title = cells[0];
    });
  }

  dress(row, i) {
    if (this.swatches?.[i]) row.firstChild.firstChild.replaceChildren(this.swatches[i]);
  }
}

function heading(text, scope) {
  const node = el("th", "", ...(text ? [text] : []));
  node.scope = scope;
  return node;
}
