"""The commands of `regscope` that need no page, one a file."""
