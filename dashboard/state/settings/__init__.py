"""The sidebar's settings: widgets, links and the address."""
