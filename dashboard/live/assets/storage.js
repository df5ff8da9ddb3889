// Values that the browser keeps between visits. If storage is not permitted, nothing is kept.

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
