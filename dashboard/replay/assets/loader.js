// Load the modules of a replay from its own text. A module is a blob URL, from which no relative address can be
// resolved, and a file on the disk can load no other file. So the specifiers of a module's imports are replaced by
// the blob URLs of the imported modules (docs/decisions/0009-replay-modules.md).

// Dependencies come first: { path, source, imports: { specifier: path } } each.
const modules = JSON.parse(document.getElementById("modules").textContent);
const urls = {};
for (const { path, source, imports } of modules) {
  let linked = source;
  for (const [specifier, imported] of Object.entries(imports)) {
    linked = linked.replaceAll(`from "${specifier}";`, `from "${urls[imported]}";`);
  }
  urls[path] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
}
await import(urls[modules.at(-1).path]);
