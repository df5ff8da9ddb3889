"""The notice of a board about a worker that sends nothing, and about the one that has replaced it."""

from __future__ import annotations

from engine.runs import states
from engine.runs.server.run import Run
from engine.runs.server.silence import NOTICE_AFTER, REPLACE_AFTER, is_silent


def notice(run: Run) -> str:
    """Return the notice, "" if there is none."""
    if is_silent(run):
        return (
            f"No report for {NOTICE_AFTER:.0f} s: the process of this run was stopped, or the machine has too little "
            f"memory. After {REPLACE_AFTER:.0f} s without a report, training continues in another process from the "
            "last checkpoint."
        )
    if run.replaced_at is not None and run.state not in states.FINAL:
        return f"The process of this run sent nothing and was replaced: it continued from update {run.replaced_at}."
    return ""
