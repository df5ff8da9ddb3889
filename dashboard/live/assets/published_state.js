// The state of the board as attributes of its root, for style sheets, tests and benchmarks.

const MAX_FRAME_AGES = 500; // the oldest are removed

export class PublishedState {
  constructor(root) {
    this.root = root;
    this.frameAges = root.regscopeAges = []; // in milliseconds, see recordAge
    this.frames = 0; // number of frames drawn for this run
  }

  resetFrameCount() {
    this.frames = 0;
  }

  countFrame() {
    this.frames += 1;
  }

  // Record the age of a frame that was drawn. measuredAt: time of its measurement in seconds since 1970.
  recordAge(measuredAt) {
    this.frameAges.push(Date.now() - 1000 * measuredAt);
    if (this.frameAges.length > MAX_FRAME_AGES) this.frameAges.shift();
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
