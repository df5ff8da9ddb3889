"""The sidebar's settings: widgets, links, the address, and changes while a run trains."""
