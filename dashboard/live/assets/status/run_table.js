// A table of several runs. Each row has a sample of the line of its run.

import { createElement, setText } from "../dom.js";
import { lineSample } from "../panels/legend.js";

const SAMPLE_WIDTH = 36; // pixels

export class RunTable {
  constructor() {
    this.head = createElement("tr", "");
    this.body = createElement("tbody", "");
    this.root = createElement("table", "rs-table", createElement("thead", "", this.head), this.body);
    this.root.hidden = true;
  }

  // head: the titles of the columns. swatches: the colours, dash and outline of each run's line.
  mount({ head, swatches }, dark) {
    this.head.replaceChildren(...head.map((title) => headerCell(title, "col")));
    this.samples = swatches.map(({ light, dark: darkColour, dash, outline }) =>
      lineSample({ line: { color: dark ? darkColour : light, dash, width: 2, outline } }, SAMPLE_WIDTH),
    );
    for (const row of this.body.children) this.placeSample(row);
  }

  // rows: state, cells and number of the line sample of each run; the first cell is the name.
  show(rows) {
    if (this.body.children.length !== rows.length) {
      this.body.replaceChildren(
        ...rows.map(({ cells }) => {
          const name = headerCell("", "row");
          name.append(createElement("span", "rs-swatch"), createElement("span", ""));
          return createElement("tr", "", name, ...cells.slice(1).map(() => createElement("td", "")));
        }),
      );
    }
    rows.forEach(({ state, cells, line }, i) => {
      const row = this.body.children[i];
      row.dataset.state = state;
      if (row.regscopeLine !== line) {
        row.regscopeLine = line;
        this.placeSample(row);
      }
      cells.forEach((text, j) => setText(j ? row.children[j] : row.firstChild.lastChild, text));
      row.firstChild.title = cells[0];
    });
  }

  placeSample(row) {
    const sample = this.samples?.[row.regscopeLine];
    if (sample) row.firstChild.firstChild.replaceChildren(sample);
  }
}

function headerCell(text, scope) {
  const cell = createElement("th", "", ...(text ? [text] : []));
  cell.scope = scope;
  return cell;
}
