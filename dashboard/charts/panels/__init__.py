"""The panels for one run, one file each."""
