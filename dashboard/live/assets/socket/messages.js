// The messages on the live socket: checks for frames, constructors for requests.
// dashboard/live/messages.py documents the messages; tests/browser/test_messages.py compares the two files.

// A check takes a value and its path in the message. It returns the problem with the value, "" if it is valid.
const makeCheck = (isValid, description) => (value, path) => (isValid(value) ? "" : `${path || "it"} is not ${description}`);

const text = makeCheck((value) => typeof value === "string", "a text");
const number = makeCheck((value) => typeof value === "number", "a number");
const count = makeCheck((value) => Number.isInteger(value), "a whole number");
const object = makeCheck(isObject, "an object");
const boolean = makeCheck((value) => typeof value === "boolean", "true or false");
const isTrue = makeCheck((value) => value === true, "true");

const nullable = (checkItem) => (value, path) => (value === null ? "" : checkItem(value, path));
const listOf = (checkItem) => (value, path) =>
  Array.isArray(value) ? firstProblem(value.map((item, i) => () => checkItem(item, `${path}[${i}]`))) : `${path} is not a list`;
const mapOf = (checkItem) => (value, path) =>
  object(value, path) || firstProblem(Object.entries(value).map(([key, item]) => () => checkItem(item, `${path}.${key}`)));
// Other fields are allowed: a newer server may send more.
const objectWith = (required, optional = {}) => (value, path) =>
  object(value, path) ||
  firstProblem([
    ...Object.entries(required).map(([name, checkItem]) => () =>
      value[name] === undefined ? `${join(path, name)} is missing` : checkItem(value[name], join(path, name))),
    ...Object.entries(optional).map(([name, checkItem]) => () =>
      value[name] === undefined ? "" : checkItem(value[name], join(path, name))),
  ]);

const metric = (value, path) =>
  listOf(text)(value, path) || (value.length === 4 ? "" : `${path} is not label, value, tone and ghost`);
const tableRow = objectWith({ state: text, cells: listOf(text), line: count });
const row = objectWith({ label: text, value: text, copy: text });
const status = objectWith(
  {
    state: text, over: boolean, toggle: text, page: text, step: count, last: count, keyframe: nullable(count),
    fork_refusal: text, sentence: text,
    notice: text, metrics: listOf(metric), spoken: text, measured_at: number,
  },
  { table: listOf(tableRow) },
);
const body = objectWith({ traces: listOf(object), layout: object }, { text, note: text, caption: text, missing: mapOf(text), rows: listOf(row) });
const trouble = objectWith({ trouble: text });
const panel = (value, path) => (isObject(value) && "trouble" in value ? trouble : body)(value, path);
const frame = objectWith({ run: text, status: nullable(status), panels: mapOf(panel) }, { past: isTrue });

// Returns the problem with a frame, "" if it is valid.
export function frameProblem(value) {
  return frame(value, "");
}

// Returns { frame, problem } for JSON from the server. `frame` is null if there is a problem.
export function readFrame(json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    return { frame: null, problem: "it is not JSON" };
  }
  const problem = frameProblem(value);
  return { frame: problem ? null : value, problem };
}

// The message that the server sends every second on an open socket; as in dashboard/live/messages.py.
export const HEARTBEAT = '{"heartbeat":true}';

// The panels in the viewport, and whether the last frame has been drawn.
export const readyMessage = (panels, drawn) => ({ panels, drawn });
// The next frame must contain complete panels.
export const againMessage = () => ({ again: true });
// The step to look back at; null returns to live.
export const lookBackMessage = (step) => ({ at: step });
// An order to the run: "toggle", "step" or "step_epoch".
export const orderMessage = (name) => ({ order: name });

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path, name) {
  return path ? `${path}.${name}` : name;
}

// Returns the first problem; the checks after it are not called.
function firstProblem(checks) {
  for (const check of checks) {
    const problem = check();
    if (problem) return problem;
  }
  return "";
}
