"""Writes a run to a JSON file, with exact numbers, and reads it. The file contains only data, never code.

    {"format": "regscope run", "version": 2, "about": {…}, "series": {name: array}, …}

For arrays and the limit of a file's size see `engine.runs.store.file_arrays`. Files of version 1 can be read, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from engine.config import RunConfig
from engine.errors import FieldError, format_limit
from engine.runs import states
from engine.runs.store import file_arrays
from engine.runs.store.packing import pack, unpack
from engine.runs.store.record import Record, new_id
from engine.runs.store.store import Store

FORMAT, VERSIONS = "regscope run", (1, 2)  # the last one is written


def to_json(record: Record) -> str:
    """Return a run as JSON text. Equal runs have equal texts.

    The default name is left out: its number belongs to the store.
    """
    packed = pack(record)
    packed["about"] = packed["about"] | {"deleted": None}
    del packed["about"]["default_name"]
    body = {"format": FORMAT, "version": VERSIONS[-1], "made_by": f"Regscope {_version()}", **_encode_arrays(packed)}
    return json.dumps(body, ensure_ascii=False, allow_nan=False, indent=1)


def from_json(text: str | bytes) -> Record:
    """Return the run from the text of `to_json`. Nothing in the file is executed.

    Raises:
        FieldError: if the text is not a valid run.
    """
    max_characters = file_arrays.max_characters(text)
    if len(text) > max_characters:
        limit, size = format_limit(max_characters, len(text))
        raise _file_error(f"must be at most {limit} for the network in it, got {size}: choose an exported run")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _file_error(f"must be the JSON file of an exported run ({error}): choose another file") from error
    if not isinstance(body, Mapping) or body.get("format") != FORMAT:
        raise _file_error("must be a run exported by Regscope, got another JSON file: choose another file")
    if body.get("version") not in VERSIONS or isinstance(body["version"], bool):
        raise _file_error(
            f"has version {str(body.get('version'))[:20]!r}, but this program reads versions {VERSIONS[0]} to "
            f"{VERSIONS[-1]}: update Regscope"
        )
    try:
        packed = {name: body[name] for name in ("about", "widest", "series", "events", "keyframes", "checkpoint")}
        file_arrays.check_sizes(packed, RunConfig.from_dict(packed["about"]["config"]))
        return unpack(_decode_arrays(packed))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        cause = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise _file_error(f"is damaged or was edited ({cause}): export the run again") from error


def import_record(store: Store, record: Record) -> tuple[str, str]:
    """Save a run from a file.

    If the store already has the run, it is unchanged. If the store has another run with the same id, the imported run
    gets a new id. It gets a default name of this store. A run that was exported while it trained can be resumed.

    Returns:
        the id in the store, and a predicate for messages, such as "was imported".

    Raises:
        StoreError: if the store cannot be written.
    """
    about = record.about
    if about.state not in states.FINAL:
        about = replace(about, state=states.INTERRUPTED)
    record = replace(record, about=replace(about, deleted=None, default_name=""))
    outcome = "was imported"
    stored_record = store.load(about.id)
    if stored_record is not None:
        if _comparable_text(stored_record) == _comparable_text(record):
            if stored_record.about.deleted is not None:
                store.restore([about.id])
                return about.id, "was deleted and has been restored"
            return about.id, "is already stored"
        record = replace(record, about=replace(record.about, id=new_id(), origin="file"))
        outcome = "was imported with a new id: another run has the id in the file"
    store.save(record)
    return record.about.id, outcome


def _comparable_text(record: Record) -> str:
    """Return a run as JSON text without name, note, tags, origin and state, for comparison."""
    about = replace(record.about, name="", note="", tags=(), deleted=None, origin="page", state=states.FINISHED)
    return to_json(replace(record, about=about))


def _encode_arrays(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return file_arrays.encode(value)
    if isinstance(value, Mapping):
        return {name: _encode_arrays(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encode_arrays(item) for item in value]
    return value


def _decode_arrays(value: Any) -> Any:
    if isinstance(value, Mapping):
        if file_arrays.is_array(value):
            return file_arrays.decode(value)
        return {name: _decode_arrays(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_decode_arrays(item) for item in value]
    return value


def _file_error(problem: str) -> FieldError:
    return FieldError("file", problem)


def _version() -> str:
    try:
        return version("regscope")
    except PackageNotFoundError:  # the source is not installed as a package
        return "from source"
