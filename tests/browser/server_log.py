"""The errors in what a server has written."""

from __future__ import annotations

import re

# The lines of a server without errors: its addresses, empty lines, and the warning about open networks.
EXPECTED = re.compile(r"^\s*$|You can now view|^\s*(Local|Network|External)? ?URL:|Stopping\.\.\.|collectUsageStats")


def log_errors(output: str) -> list[str]:
    """Return all lines that a server without errors does not write, as one text; none if there are none."""
    lines = [line for line in output.splitlines() if not EXPECTED.search(line)]
    return ["in the log of the server: " + "\n".join(lines)] if lines else []
