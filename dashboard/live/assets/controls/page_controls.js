// The controls of the page around the board: the transport and the sidebar. Streamlit disables them when its own
// connection closes, but not while the server is stopped.

const SELECTOR = '.st-key-transport, .st-key-phone, [data-testid="stSidebarUserContent"]';

export class PageControls {
  constructor() {
    this.disabledElements = [];
  }

  // isConnected: whether the server answers.
  setConnected(isConnected) {
    for (const element of this.disabledElements) element.inert = false;
    this.disabledElements = isConnected ? [] : [...document.querySelectorAll(SELECTOR)];
    for (const element of this.disabledElements) element.inert = true; // for the pointer, the keyboard and screen readers
  }
}
