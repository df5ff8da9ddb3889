"""The settings in the sidebar: widgets, links and the address."""
