"""The panels of a board of one run, one file each."""
