// The scrubber: back to any step of the run so far, and to what happens now.

import { el } from "./panel.js";

export class Timeline {
  // `look(step)` is called when a person looks back at a step, with null when she is back at now.
  // `fork(step)` when she wants to go on from there.
  constructor(look, fork) {
    this.look = look;
    this.at = null; // the step looked back at; null is now
    this.last = 0;
    this.slider = el("input", "");
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.step = 1;
    this.slider.setAttribute("aria-label", "Look back at a step");
    this.words = el("output", "");
    this.live = el("button", "rs-button", "Live");
    this.live.type = "button";
    this.live.title = "Back to what happens now (l)";
    this.fork = el("button", "rs-button", "Fork here");
    this.fork.type = "button";
    this.fork.title = "Go on from this step into other futures: another λ, without dropout …";
    this.root = el("div", "rs-timeline", this.slider, this.words, this.fork, this.live);
    this.slider.addEventListener("input", () => this.to(Number(this.slider.value)));
    this.live.addEventListener("click", () => this.now());
    this.fork.addEventListener("click", () => fork(this.at ?? this.last));
    this.reach(0);
  }

  // The run has come so far.
  reach(last) {
    this.last = last;
    this.slider.max = Math.max(1, last);
    this.slider.disabled = last < 1;
    if (this.at === null) this.slider.value = last;
    this.show();
  }

  to(step) {
    this.at = Math.max(0, Math.min(step, this.last));
    this.slider.value = this.at;
    this.keyframe = undefined;
    this.show();
    this.look(this.at);
  }

  by(steps) {
    if (this.last) this.to((this.at ?? this.last) + steps);
  }

  now() {
    if (this.at === null) return;
    this.at = null;
    this.slider.value = this.last;
    this.show();
    this.look(null);
  }

  // A frame of the past has come: which step it shows, and whose weights.
  shown(step, keyframe) {
    this.keyframe = keyframe;
    this.show();
  }

  show() {
    const back = this.at !== null;
    this.root.toggleAttribute("data-back", back);
    this.live.disabled = !back;
    this.fork.disabled = this.slider.disabled;
    this.words.textContent = !back
      ? "now"
      : `step ${count(this.at)}` +
        (this.keyframe === undefined || this.keyframe === null || this.keyframe === this.at
          ? ""
          : `, weights of step ${count(this.keyframe)}`);
    this.slider.setAttribute("aria-valuetext", back ? this.words.textContent : `now, step ${count(this.last)}`);
  }
}

const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
