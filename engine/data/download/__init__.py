"""Downloads of public data sets from mirrors, checked by their checksums."""
