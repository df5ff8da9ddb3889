// Loads the modules of a replay from its own text. A blob URL cannot resolve a relative address, and a page from the
// disk cannot load other files. So the specifiers in the import statements of a module are replaced by the blob URLs
// of the imported modules (docs/decisions/0009-replay-modules.md).

const IMPORT = /^(import [^"]*from ")([^"]+)(";)$/gm; // as in dashboard/replay/modules.py

// Dependencies come first. Each module is { path, source, imports }, and `imports` is { specifier: path }.
const modules = JSON.parse(document.getElementById("modules").textContent);
const urls = {};
for (const { path, source, imports } of modules) {
  const linked = source.replace(IMPORT, (_, start, specifier, end) => start + urls[imports[specifier]] + end);
  urls[path] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
}
await import(urls[modules.at(-1).path]);
