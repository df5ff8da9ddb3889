// Loads the modules of a replay, whose sources are in the page. A page from the disk cannot load other files, and a
// module from a blob URL cannot resolve relative specifiers. Therefore the specifiers in import statements are replaced
// by the blob URLs of the imported modules (docs/decisions/0009-replay-modules.md).

const IMPORT_PATTERN = /^(import [^"]*from ")([^"]+)(";)$/gm; // as in dashboard/replay/modules.py

// Dependencies come first. Each module is { path, source, imports }, and `imports` is { specifier: path }.
const modules = JSON.parse(document.getElementById("modules").textContent);
const blobUrls = {}; // by path
for (const { path, source, imports } of modules) {
  const linkedSource = source.replace(
    IMPORT_PATTERN,
    (_, beforeSpecifier, specifier, afterSpecifier) => beforeSpecifier + blobUrls[imports[specifier]] + afterSpecifier,
  );
  blobUrls[path] = URL.createObjectURL(new Blob([linkedSource], { type: "text/javascript" }));
}
await import(blobUrls[modules.at(-1).path]); // the entry module is the last one
