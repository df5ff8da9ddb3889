"""Downloads of public data sets: mirrors, checksums and files that are whole or not there."""
