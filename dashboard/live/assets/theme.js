// The theme of the page: whether it is dark, and its interface colours, which come from Python
// (dashboard/charts/palette.py).

const INTERVAL = 500; // milliseconds; Streamlit changes the theme without an event

export class Theme {
  // onChange: called when the page changes from light to dark, or back.
  constructor(root, onChange) {
    this.root = root;
    this.timer = setInterval(() => {
      const before = this.dark;
      this.apply();
      if (before !== this.dark) onChange();
    }, INTERVAL);
  }

  // colours: for each theme, "light" and "dark", the colours by name.
  setColours(colours) {
    this.colours = colours;
    this.apply();
  }

  apply() {
    this.dark = isDark(getComputedStyle(this.root).getPropertyValue("--st-background-color").trim());
    const colours = this.colours?.[this.dark ? "dark" : "light"] ?? {};
    for (const [name, colour] of Object.entries(colours)) this.root.style.setProperty(`--rs-${name}`, colour);
  }

  close() {
    clearInterval(this.timer);
  }
}

// A background that is not in hexadecimal digits counts as light.
function isDark(background) {
  if (!background.startsWith("#")) return false;
  const [red, green, blue] = rgbChannels(background.slice(1));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

function rgbChannels(digits) {
  const hexDigits = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
  return [0, 2, 4].map((at) => parseInt(hexDigits.slice(at, at + 2), 16));
}
