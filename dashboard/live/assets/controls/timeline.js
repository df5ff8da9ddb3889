// The timeline: a slider to look back at earlier steps of the run, and buttons to fork it and to return to live.

import { button, el } from "../dom.js";

export class Timeline {
  // look: called with the step to look back at, null for live. fork: called with the step to fork the run at.
  constructor(look, fork) {
    this.look = look;
    this.at = null; // the step to look back at; null for live
    this.last = 0; // the newest step of the run
    this.slider = el("input", "");
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.step = 1;
    this.slider.setAttribute("aria-label", "Look back at a step");
    this.label = el("output", "");
    this.live = button("Live", "Return to the newest step", () => this.returnToLive());
    this.fork = button("Fork here", "Continue from this step with other settings", () => fork(this.at ?? this.last));
    this.root = el("div", "rs-timeline", this.slider, this.label, this.fork, this.live);
    this.slider.addEventListener("input", () => this.moveTo(Number(this.slider.value)));
    this.setLast(0);
  }

  get lookingBack() {
    return this.at !== null;
  }

  get canMoveForward() {
    return this.lookingBack && this.at < this.last;
  }

  setLast(step) {
    this.last = step;
    this.slider.max = Math.max(1, step);
    this.slider.disabled = step < 1;
    if (!this.lookingBack) this.slider.value = step;
    this.show();
  }

  moveTo(step) {
    this.at = Math.max(0, Math.min(step, this.last));
    this.slider.value = this.at;
    this.keyframe = undefined;
    this.show();
    this.look(this.at);
  }

  moveBy(steps) {
    if (this.last) this.moveTo((this.at ?? this.last) + steps);
  }

  returnToLive() {
    if (!this.lookingBack) return;
    this.at = null;
    this.slider.value = this.last;
    this.show();
    this.look(null);
  }

  // keyframe: the step whose weights the board shows; null if it is the step of the frame, or none are shown.
  setKeyframe(keyframe) {
    this.keyframe = keyframe;
    this.show();
  }

  show() {
    this.root.toggleAttribute("data-back", this.lookingBack);
    this.live.disabled = !this.lookingBack;
    this.fork.disabled = this.slider.disabled;
    const { keyframe } = this;
    const otherWeights = keyframe === undefined || keyframe === null || keyframe === this.at ? "" : `, weights of step ${formatCount(keyframe)}`;
    this.label.textContent = this.lookingBack ? `step ${formatCount(this.at)}${otherWeights}` : "now";
    this.slider.setAttribute("aria-valuetext", this.lookingBack ? this.label.textContent : `now, step ${formatCount(this.last)}`);
  }
}

const formatCount = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
