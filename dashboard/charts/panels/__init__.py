"""The panels for one run, one file per panel."""
