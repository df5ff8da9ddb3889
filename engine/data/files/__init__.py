"""Files on the disk: the data folder, locks, and arrays shared between processes."""
