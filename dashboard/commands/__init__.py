"""The commands of `regscope` that need no page, one per file."""
