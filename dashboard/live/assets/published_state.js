// The state of the board as attributes of its root, for style sheets, tests and benchmarks.

const MAX_AGES = 500; // maximum number of stored ages

export class PublishedState {
  constructor(root) {
    this.root = root;
    this.ages = root.regscopeAges = [];
    this.frames = 0; // number of frames drawn for this run
  }

  startRun() {
    this.frames = 0;
  }

  countFrame() {
    this.frames += 1;
  }

  // Record the age of a frame that was drawn. measuredAt: time of its measurement in seconds since 1970.
  recordAge(measuredAt) {
    this.ages.push(Date.now() - 1000 * measuredAt);
    if (this.ages.length > MAX_AGES) this.ages.shift();
  }

  publish({ run, state, step, bytes }) {
    const { dataset } = this.root;
    dataset.runId = run ?? "";
    dataset.state = state;
    dataset.step = step;
    dataset.frames = this.frames;
    dataset.bytes = bytes;
  }
}
