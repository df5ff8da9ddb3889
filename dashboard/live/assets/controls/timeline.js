// The timeline: a slider to look back at earlier steps of the run, and buttons to fork it and to return to live.

import { createButton, createElement } from "../dom.js";

const NO_CONNECTION_TITLE = "There is no connection to the server";
const FORK_TITLE = "Continue from this step with other settings";

export class Timeline {
  // onLookBack: called with the step to look back at, null for live. onFork: called with the step to fork the run at.
  constructor(onLookBack, onFork) {
    this.onLookBack = onLookBack;
    this.at = null; // the step to look back at; null for live
    this.last = 0; // the newest step of the run
    this.isConnected = true; // whether the server answers
    this.slider = createElement("input", "");
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.step = 1;
    this.slider.setAttribute("aria-label", "Look back at a step");
    this.label = createElement("output", "");
    this.badge = createElement("span", "rs-badge");
    this.liveButton = createButton("Live", "Return to the newest step", () => this.returnToLive());
    this.forkRefusal = ""; // why the run cannot be forked at the step that is shown, "" if it can
    this.forkButton = createButton("Fork here", FORK_TITLE, () => onFork(this.at ?? this.last));
    this.root = createElement("div", "rs-timeline", this.slider, this.label, this.badge, this.forkButton, this.liveButton);
    this.slider.addEventListener("input", () => this.moveTo(Number(this.slider.value)));
    this.setLast(0);
  }

  // text: a few words about the run on the board, or empty.
  setBadge(text) {
    this.badge.textContent = text;
    this.badge.title = text && "The sidebar has other settings than this run. Start trains a new run with them.";
  }

  get isLookingBack() {
    return this.at !== null;
  }

  get canMoveForward() {
    return this.isLookingBack && this.at < this.last;
  }

  setLast(step) {
    this.last = step;
    this.slider.max = Math.max(1, step);
    if (!this.isLookingBack) this.slider.value = step;
    this.show();
  }

  moveTo(step) {
    this.at = Math.max(0, Math.min(step, this.last));
    this.slider.value = this.at;
    this.keyframe = undefined;
    this.forkRefusal = "Waiting for this step"; // until its frame arrives
    this.show();
    this.onLookBack(this.at);
  }

  moveBy(steps) {
    if (this.last) this.moveTo((this.at ?? this.last) + steps);
  }

  returnToLive() {
    if (!this.isLookingBack) return;
    this.at = null;
    this.slider.value = this.last;
    this.forkRefusal = "";
    this.show();
    this.onLookBack(null);
  }

  setConnected(isConnected) {
    this.isConnected = isConnected;
    this.show();
  }

  // keyframe: the step whose weights the board shows; null if it is the step of the frame, or none are shown.
  setKeyframe(keyframe) {
    this.keyframe = keyframe;
    this.show();
  }

  // reason: why the run cannot be forked at the step that is shown; "" if it can.
  setForkRefusal(reason) {
    this.forkRefusal = reason;
    this.show();
  }

  show() {
    this.root.toggleAttribute("data-back", this.isLookingBack);
    this.slider.disabled = this.last < 1 || !this.isConnected;
    this.liveButton.disabled = !this.isLookingBack || !this.isConnected;
    this.forkButton.disabled = this.slider.disabled || Boolean(this.forkRefusal);
    this.forkButton.title = (this.isConnected ? this.forkRefusal : NO_CONNECTION_TITLE) || FORK_TITLE;
    const { keyframe } = this;
    const weightsNote = keyframe === undefined || keyframe === null || keyframe === this.at ? "" : `, weights of step ${formatCount(keyframe)}`;
    this.label.textContent = this.isLookingBack ? `step ${formatCount(this.at)}${weightsNote}` : "now";
    this.slider.setAttribute("aria-valuetext", this.isLookingBack ? this.label.textContent : `now, step ${formatCount(this.last)}`);
  }
}

const formatCount = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
