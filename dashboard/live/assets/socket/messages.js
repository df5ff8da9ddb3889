// The messages on the live socket: checks for frames, constructors for requests.
// dashboard/live/messages.py documents the messages; tests/browser/test_messages.py compares the two files.

// A check takes a value and its path in the message. It returns the problem with the value, "" if it is valid.
const check = (accepts, words) => (value, path) => (accepts(value) ? "" : `${path || "it"} is not ${words}`);

const text = check((value) => typeof value === "string", "a text");
const number = check((value) => typeof value === "number", "a number");
const count = check((value) => Number.isInteger(value), "a whole number");
const object = check(isObject, "an object");
const flag = check((value) => typeof value === "boolean", "true or false");
const isTrue = check((value) => value === true, "true");

const nullable = (of) => (value, path) => (value === null ? "" : of(value, path));
const listOf = (of) => (value, path) =>
  Array.isArray(value) ? first(value.map((item, i) => () => of(item, `${path}[${i}]`))) : `${path} is not a list`;
const mapOf = (of) => (value, path) =>
  object(value, path) || first(Object.entries(value).map(([key, item]) => () => of(item, `${path}.${key}`)));
// Other fields are allowed: a newer server may send more.
const record = (required, optional = {}) => (value, path) =>
  object(value, path) ||
  first([
    ...Object.entries(required).map(([name, of]) => () =>
      value[name] === undefined ? `${join(path, name)} is missing` : of(value[name], join(path, name))),
    ...Object.entries(optional).map(([name, of]) => () =>
      value[name] === undefined ? "" : of(value[name], join(path, name))),
  ]);

const metric = (value, path) =>
  listOf(text)(value, path) || (value.length === 3 ? "" : `${path} is not label, value and tone`);
const tableRow = record({ state: text, cells: listOf(text) });
const row = record({ label: text, value: text, copy: text });
const status = record(
  {
    state: text, over: flag, toggle: text, page: text, step: count, last: count, keyframe: nullable(count),
    notice: text, metrics: listOf(metric), spoken: text, measured_at: number,
  },
  { table: listOf(tableRow) },
);
const body = record({ traces: listOf(object), layout: object }, { text, note: text, rows: listOf(row) });
const trouble = record({ trouble: text });
const panel = (value, path) => (isObject(value) && "trouble" in value ? trouble : body)(value, path);
const frame = record({ run: text, status: nullable(status), panels: mapOf(panel) }, { past: isTrue });

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
function first(checks) {
  for (const check of checks) {
    const problem = check();
    if (problem) return problem;
  }
  return "";
}
