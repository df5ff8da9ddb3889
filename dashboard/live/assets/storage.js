// What the browser keeps between visits. Without permission to store, a choice lasts until the page is left.

export function readStored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage is full, or forbidden for this page
  }
}
