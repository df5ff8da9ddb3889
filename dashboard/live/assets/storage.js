// Values in the local storage of the browser. If storage is not permitted, they are not stored.

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
