"""The style sheet of the pages, which makes the layout denser than the default of Streamlit."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.palette import THEMES, Palette, page_css

NARROW = "(max-width: 640px)"  # a telephone; the same width as in board.css and enlarge.js

# "(--narrow)" stands for `NARROW`.
_CSS = """
/* the transport is at the top, where Streamlit reserves space for a menu that Regscope does not have */
[data-testid="stMainBlockContainer"] { padding: 0.7rem 1rem 0.6rem; max-width: none; }
[data-testid="stHeader"] { background: transparent; pointer-events: none; height: 2.5rem; min-height: 0; }
[data-testid="stHeader"] * { pointer-events: none; }
[data-testid="stHeader"] button, [data-testid="stHeader"] button * { pointer-events: auto; }
/* the button that opens a closed sidebar covers the start of the transport */
[data-testid="stApp"]:has([data-testid="stExpandSidebarButton"]) .st-key-transport { padding-left: 2.6rem; }
/* below this width the transport takes two lines, so that nothing is cut */
@media (min-width: 1240px) {
  .st-key-transport { flex-wrap: nowrap; }
  .st-key-transport > :last-child { min-width: 0; }
  .st-key-transport [data-testid="stCaptionContainer"] p {
    white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  }
}
/* the unit of the pace has two lines, and its segments are narrow, so that the transport fits into one line */
.st-key-transport .st-key-pace_unit p { font-size: 0.7rem; line-height: 1.2; text-align: right; overflow: visible; }
.st-key-transport button[data-variant="segmented_control"] { padding-left: 0.65rem; padding-right: 0.65rem; }
.st-key-transport:has(.st-key-share_race) button[data-variant="segmented_control"] {
  padding-left: 0.42rem; padding-right: 0.42rem;
}
@media (min-width: 641px) and (max-width: 899px) {
  [data-testid="stApp"]:has([data-testid="stExpandSidebarButton"]) .st-key-transport { padding: 2rem 0 0; }
}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.5rem; }
/* a narrow screen: the title, the pages and the regularizers are above the board, the transport is one row that can be
   moved sideways, and its first button stays in reach of the thumb */
.st-key-phone, [data-testid="stLayoutWrapper"]:has(> .st-key-phone) { display: none; }
@media (--narrow) {
  [data-testid="stMainBlockContainer"] { padding: 0.4rem 0.6rem 4rem; }
  .st-key-phone, [data-testid="stLayoutWrapper"]:has(> .st-key-phone) { display: flex; }
  .st-key-phone_head { padding-left: 2.2rem; flex-wrap: nowrap; }
  .st-key-phone button[data-variant="segmented_control"] { min-height: 2rem; padding: 0 0.45rem; min-width: 0; }
  .st-key-phone button[data-variant="segmented_control"] p { font-size: 0.8rem; text-transform: capitalize; }
  [data-testid="stApp"]:has([data-testid="stExpandSidebarButton"]) .st-key-transport, .st-key-transport {
    flex-wrap: nowrap; overflow-x: auto; padding: 0; scrollbar-width: none;
  }
  .st-key-transport > * { flex: none; }
  /* the switch of the pages stays at the top: without boxes around it, it is a part of the whole page */
  .st-key-phone, [data-testid="stLayoutWrapper"]:has(> .st-key-phone) { display: contents; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-phone_head) {
    position: sticky; top: 0; z-index: 15; backdrop-filter: blur(14px);
  }
  /* the buttons of Runs and the parts of Compare take several lines */
  [data-testid="stApp"] .st-key-transport:has(.st-key-open_run, .st-key-step_all) {
    flex-wrap: wrap; overflow-x: visible; gap: 0.5rem;
  }
  .st-key-transport:has(.st-key-open_run) > :has([data-testid="stBaseButton-primary"]:disabled) { position: static; }
  [data-testid="stMain"] [data-testid="stCaptionContainer"] p { overflow-wrap: anywhere; }
  .st-key-transport > :has([data-testid="stBaseButton-primary"]) {
    position: fixed; right: 0.8rem; bottom: 0.8rem; z-index: 20;
  }
  .st-key-transport [data-testid="stBaseButton-primary"] {
    min-height: 2.8rem;
  }
}
/* a table, and the same as cards for a narrow screen */
[class*="st-key-narrow_"], [data-testid="stLayoutWrapper"]:has(> [class*="st-key-narrow_"]) { display: none; }
@media (--narrow) {
  [class*="st-key-narrow_"], [data-testid="stLayoutWrapper"]:has(> [class*="st-key-narrow_"]) { display: flex; }
  [class*="st-key-wide_"], [data-testid="stLayoutWrapper"]:has(> [class*="st-key-wide_"]) { display: none; }
}
.rs-cards { display: grid; gap: 0.6rem; }
.rs-cards section { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 6px;
  padding: 0.5rem 0.75rem; }
.rs-cards section > h4 { margin: 0; font-size: 1rem; padding: 0 0 0.25rem; overflow-wrap: anywhere; }
.rs-cards section > dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15rem 0.9rem; }
.rs-cards section > dl > dt { opacity: 0.72; font-weight: 400; max-width: 45vw; }
.rs-cards section > dl > dd { font-variant-numeric: tabular-nums; }
.rs-cards section :is(dl, dt, dd) { margin: 0; padding: 0; overflow-wrap: anywhere; }
/* the sidebar shows all settings on a screen of 720 pixels */
[data-testid="stSidebarContent"] { padding: 0; }
[data-testid="stSidebarHeader"] { height: 0; min-height: 0; padding: 0; margin: 0; }
[data-testid="stSidebarHeader"] > div:last-child { position: absolute; right: 6px; top: 8px; z-index: 2; }
[data-testid="stSidebarUserContent"] { padding: 0.5rem 1rem 0.3rem; }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.25rem; }
[data-testid="stSidebarUserContent"] [data-testid="stHorizontalBlock"] { gap: 0.6rem; }
[data-testid="stSidebar"] [data-testid="stMarkdownContainer"],
[data-testid="stSidebar"] [data-testid="stCaptionContainer"] { margin-bottom: 0; }
[data-testid="stSidebar"] h1 { font-size: 1.25rem; line-height: 1.2; padding: 0; }
[data-testid="stSidebar"] h2 {
  font-size: 0.72rem; line-height: 1.2; letter-spacing: 0.06em; text-transform: uppercase;
  padding: 0.3rem 0 0; opacity: 0.72;
}
[data-testid="stSidebar"] [data-testid="stWidgetLabel"] { min-height: 1.1rem; margin-bottom: 0.1rem; }
[data-testid="stSidebar"] [data-testid="stWidgetLabel"] p { font-size: 0.82rem; white-space: nowrap; }
[data-testid="stSidebar"] [data-testid="stCaptionContainer"] p { font-size: 0.78rem; line-height: 1.3; margin: 0; }
[data-testid="stSidebar"] input { min-height: 0; }
[data-testid="stSidebar"] [data-testid="stNumberInputContainer"],
[data-testid="stSidebar"] [data-testid="stTextInputRootElement"],
[data-testid="stSidebar"] [data-testid="stSelectbox"] > div:last-child > div { height: 2.15rem; min-height: 0; }
/* a slider: its value between label and track, and no line for the ends of the scale */
[data-testid="stSidebar"] [data-testid="stSlider"] > div:last-child > div { padding: 1.15rem 0 0.3rem; }
[data-testid="stSidebar"] [data-testid="stSlider"] [data-testid="stWidgetLabel"] { margin-bottom: 0.75rem; }
[data-testid="stSidebar"] [data-testid="stSliderTickBar"] { display: none; }
[data-testid="stSidebar"] [data-testid="stSliderThumbValue"] p { font-size: 0.8rem; line-height: 1; font-weight: 600; }
[data-testid="stSidebar"] [data-testid="stNumberInputStepUp"],
[data-testid="stSidebar"] [data-testid="stNumberInputStepDown"] { width: 1.3rem; }
[data-testid="stSidebar"] [data-testid="stSelectbox"] input { font-size: 0.85rem; padding-right: 0; }
/* the list of pages is in the line of the title, so that it takes no space from the settings */
.st-key-head { flex-wrap: nowrap; min-height: 1.6rem; padding-right: 1.6rem; }
.st-key-head button[data-variant="segmented_control"] { min-height: 1.45rem; padding: 0 0.4rem; line-height: 1; }
.st-key-head button[data-variant="segmented_control"] p { font-size: 0.74rem; text-transform: capitalize; }
/* an error is a line of text under its field */
[data-testid="stSidebar"] [class*="st-key-error_"] [data-testid="stAlertContainer"] {
  background: none; padding: 0; min-height: 0; border: 0;
}
[data-testid="stSidebar"] [class*="st-key-error_"] [data-testid="stAlertContainer"] p {
  font-size: 0.78rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere;
}
/* why nothing can start, in the middle of the empty board, whose panels then have no text about Start */
[data-testid="stMain"] [data-testid="stLayoutWrapper"]:has(> .st-key-pointer) {
  position: absolute; left: 0; right: 0; top: 52vh; height: 0; z-index: 5; pointer-events: none;
}
.st-key-pointer_card {
  width: min(22rem, calc(100% - 2rem)); margin: 0 auto; padding: 1rem 1.2rem; pointer-events: auto;
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 8px; background: Canvas;
}
.st-key-pointer_card p, .st-key-nothing_compared p { text-align: center; }
[data-testid="stMain"]:has(.st-key-pointer_card) .rs-empty { display: none; }
/* in both themes: white text has enough contrast on this blue only */
button[data-testid="stBaseButton-primary"]:enabled:not(:hover):not(:active) {
  background-color: var(--rs-primary-button);
}
.st-key-nothing_compared { max-width: 34rem; margin: 12vh auto 0; }
.st-key-nothing_compared :is(h3, p) { text-align: center; }
/* a menu: small distances between its rows */
.st-key-exports button { min-height: 2rem; }
/* the buttons of a section are in the line of its name */
.st-key-data_bar, .st-key-network_bar, .st-key-regularizer_bar { flex-wrap: nowrap; gap: 0.6rem; }
.st-key-data_bar button, .st-key-network_bar button, .st-key-regularizer_bar button {
  min-height: 1.3rem; padding: 0; border: 0; font-size: 0.8rem; line-height: 1.2;
}
.st-key-data_bar button p, .st-key-network_bar button p, .st-key-regularizer_bar button p { font-size: 0.8rem; }
/* the values of a link that cannot be used, and the button that removes them */
.st-key-refused { flex-wrap: nowrap; }
.st-key-refused > :last-child { flex: none; }
/* the values of a link that have no field: as small as a caption, and so is their button */
.st-key-also_bar { flex-wrap: nowrap; }
.st-key-also_bar button { min-height: 1.3rem; padding: 0; border: 0; line-height: 1.2; }
.st-key-also_bar button p { font-size: 0.78rem; }
/* all regularizers in one line */
[data-testid="stSidebar"] button[data-variant="segmented_control"] {
  padding-left: 0.28rem; padding-right: 0.28rem; min-width: 0;
}
[data-testid="stSidebar"] button[data-variant="segmented_control"] p { font-size: 0.75rem; }
/* an icon is a ligature of its name in small letters: in capitals the name would be shown */
[data-testid="stSidebar"] h2 [role="img"] { text-transform: none; letter-spacing: normal; }
.rs-gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(50px, 1fr)); gap: 8px; }
.rs-example { margin: 0; text-align: center; border: 2px solid transparent; border-radius: 4px; padding: 2px; }
.rs-example img { width: 100%; max-width: 56px; image-rendering: pixelated; border-radius: 3px; display: block;
  margin: 0 auto; }
.rs-example figcaption { font-size: 14px; line-height: 1.3; font-variant-numeric: tabular-nums; }
/* not by colour alone: the true label is struck out beside the wrong one */
.rs-example[data-wrong] { border-color: var(--rs-wrong-label); }
.rs-example s { opacity: 0.65; }
.rs-balance { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
.rs-balance th { text-align: left; font-weight: 400; padding: 1px 10px 1px 0; white-space: nowrap; width: 1%; }
.rs-balance thead th { font-size: 13px; opacity: 0.72; padding-top: 12px; }
.rs-balance thead th:nth-child(n + 3) { text-align: right; padding-right: 0; }
.rs-balance td { text-align: right; width: 4.5rem; padding: 1px 0; }
.rs-balance td:nth-child(2) { width: auto; text-align: left; }
.rs-balance i { display: block; height: 10px; background: var(--rs-class-share); border-radius: 2px; min-width: 1px; }
[data-testid="stMain"] [data-testid="stCaptionContainer"] { margin-bottom: 0; }
[data-testid="stMain"] [data-testid="stCaptionContainer"] p { margin: 0; }
"""


def theme_palette() -> Palette:
    """Return the palette of the theme of the page."""
    return THEMES[st.context.theme.type or "light"]


def apply_style_sheet() -> None:
    """Apply the style sheet to the page."""
    st.html(f"<style>\n{page_css()}\n{_CSS.replace('(--narrow)', NARROW)}</style>")
