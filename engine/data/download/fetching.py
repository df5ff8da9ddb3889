"""Fetching a data set: every file whole and as it was published, or not there at all."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from engine.data.download.mirrors import MirrorFailed, Patience, receive
from engine.data.download.sources import SOURCES, File, Mirror, Source
from engine.data.files.folders import data_folder, writable
from engine.data.files.locking import clean, locked, partial_path
from engine.errors import FieldError

Progress = Callable[[str, int, int | None], None]
"""Hears the name of a file, the bytes of it that are there, and how many it has, None where unknown."""

WAIT = 60.0  # seconds to let another process fetch the same; then both do, which costs time and nothing else
PART = 1 << 20  # bytes read at once
LARGEST = 1 << 28  # bytes inside a file; the largest published has 47 million

PUBLISHED = "as published (SHA-256 of the .gz)"
PUBLISHED_INSIDE = "as published (SHA-256 of what is inside the gzip)"
UNCHECKED = "not checked: a checksum is published for the .gz alone"


@dataclass(frozen=True)
class Fetched:
    """A file of a data set that is there.

    Attributes:
        path: where it lies.
        mirror: who gave it; None where it was there already.
        checked: what is known of its bytes, in words.
        set_aside: where a file lies now that was in its place and was not as published.
    """

    path: Path
    mirror: Mirror | None
    checked: str
    set_aside: Path | None = None


@dataclass(frozen=True)
class Fetchable:
    """What a page says of a data set that can be fetched.

    Attributes:
        name: what `load_dataset` and `fetch` call it.
        title: what people call it.
        examples: how many it has, all parts together.
        present: whether its files are in the data folder.
        megabytes: about how much a download of all of it is, in millions of bytes.
    """

    name: str
    title: str
    examples: int
    present: bool
    megabytes: float


def fetchable() -> list[Fetchable]:
    """The data sets that `fetch` knows, and whether they are there."""
    folder = data_folder()
    return [
        Fetchable(
            source.name,
            source.title,
            source.examples,
            present=all(any(path.is_file() for path in file.places(folder / source.name)) for file in source.files),
            megabytes=source.size / 1e6,
        )
        for source in SOURCES.values()
    ]


def fetch(name: str, progress: Progress | None = None) -> list[Fetched]:
    """Make sure that a data set's files are in the data folder, downloading those that are missing or damaged.

    Mirrors are asked in turn until one gives a file as it was published. A file appears in its place
    only when it is whole and checked, so an interruption leaves nothing half-written.

    Args:
        name: one of `fetchable()`.
        progress: called often while a file comes in, from the thread that called `fetch`.

    Returns:
        its four files, those included that were there already.

    Raises:
        FieldError: for an unknown name, when no mirror gives a file, or when it cannot be written;
            the message says what to do.
    """
    if not isinstance(name, str) or name not in SOURCES:
        raise FieldError("dataset", f"must be one of {', '.join(SOURCES)} to be fetched, got {name!r:.60}")
    return fetch_source(SOURCES[name], data_folder(), progress)


def fetch_source(
    source: Source,
    folder: Path,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> list[Fetched]:
    """Like `fetch`, of any source into any data folder."""
    target = folder / source.name
    with _disk_in_words(source, target):
        there = [_there(file, target) for file in source.files]
        if None not in there:  # nothing to write: the folder need not be writable
            return [file for file in there if file is not None]
        if not writable(target):
            raise PermissionError(errno.EACCES, "no folder that may be written to")
        target.mkdir(parents=True, exist_ok=True)
        with locked(target, WAIT) as alone:
            clean(target, alone)
            mirrors = list(source.mirrors)
            # looked at again: another process may have fetched it while this one waited
            return [
                _there(file, target) or _download(file, source, target, mirrors, progress, patience or Patience())
                for file in source.files
            ]


def _there(file: File, target: Path) -> Fetched | None:
    """The file that would be read, unless it is missing or not as published."""
    for path in file.places(target):
        if path.is_file():
            checked = _checked(file, path)
            return Fetched(path, None, checked) if checked else None
    return None


def _checked(file: File, path: Path) -> str | None:
    """What is known of the bytes of a file that is there, in words; None where they are not as published."""
    if file.inside:
        return PUBLISHED_INSIDE if _sha256_inside(path) == file.sha256 else None
    if not _zipped(path):
        return UNCHECKED
    return PUBLISHED if _sha256(path) == file.sha256 else None


def _download(
    file: File,
    source: Source,
    target: Path,
    mirrors: list[Mirror],
    progress: Progress | None,
    patience: Patience,
) -> Fetched:
    """The file from the first mirror that gives it; those that did not move to the end of `mirrors`."""
    place = target / f"{file.name}.gz"

    def told(done: int, total: int | None) -> None:
        if progress is not None:
            progress(place.name, done, total)

    failures: list[tuple[Mirror, MirrorFailed]] = []
    for mirror in list(mirrors):
        part = partial_path(place)
        try:
            receive(f"{mirror.url}{place.name}", part, 2 * file.size + PART, patience, told)
            _check(file, part)
            _keep(part)
            set_aside = _set_aside(file, target)
            os.replace(part, place)
        except MirrorFailed as failure:
            failures.append((mirror, failure))
            mirrors.remove(mirror)
            mirrors.append(mirror)  # the next file is not to wait for it again
        else:
            return Fetched(place, mirror, PUBLISHED_INSIDE if file.inside else PUBLISHED, set_aside)
        finally:
            with suppress(OSError):  # Windows keeps it while an abandoned download holds it; the next fetch cleans up
                part.unlink(missing_ok=True)
    raise _no_mirror(file, source, target, failures)


def _check(file: File, part: Path) -> None:
    """Raises `MirrorFailed` when what came is not what was published."""
    got = _sha256_inside(part) if file.inside else _sha256(part)
    if got is None:
        raise MirrorFailed("sent something that is no whole gzip file", reached=True)
    if got != file.sha256:
        raise MirrorFailed(f"sent other bytes than were published (SHA-256 {got[:12]}…)", reached=True)


def _keep(part: Path) -> None:
    """Have the bytes on the disk before the name says that they are: a power cut must not come between."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _set_aside(file: File, target: Path) -> Path | None:
    """Move away what lies in the file's place and is not as published: it may be somebody's own."""
    aside = None
    for path in file.places(target):
        if path.exists() and not _checked(file, path):  # a good one may have come from another process meanwhile
            aside = path.with_name(f"{path.name}.replaced")
            os.replace(path, aside)
    return aside


def _no_mirror(file: File, source: Source, target: Path, failures: list[tuple[Mirror, MirrorFailed]]) -> FieldError:
    offline = not any(failure.reached for _, failure in failures)
    each = "; ".join(f"{mirror.name} ({mirror.url}) {failure.reason}" for mirror, failure in failures)
    problem = "no mirror can be reached, this machine seems to be offline" if offline else "no mirror gives the file"
    way_out = "Connect it to the network" if offline else "Try again later, or put the file there yourself,"
    return FieldError(
        "dataset",
        f"{source.name} cannot be fetched, {file.name}.gz is missing in {target}: {problem}. {each}. {way_out} and "
        f"fetch again (regscope data fetch {source.name}); the bundled digits work without a network",
    )


@contextmanager
def _disk_in_words(source: Source, target: Path) -> Iterator[None]:
    """Turn what the disk says into a message with the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            way_out = f"make room for {source.size / 1e6:.0f} MB or set REGSCOPE_DATA to a folder on another disk"
        else:
            way_out = "mend its permissions or set REGSCOPE_DATA to a folder that you may write to"
        raise FieldError(
            "dataset",
            f"{source.name} cannot be stored in {target} ({error.strerror or error}): {way_out}, and fetch again",
        ) from error


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _sha256(path: Path) -> str:
    import pooch  # here, because workers have no use for it and should start fast

    return str(pooch.file_hash(str(path), alg="sha256"))


def _sha256_inside(path: Path) -> str | None:
    """The SHA-256 of what is inside a gzip file, or of one that is not wrapped; None where it is damaged."""
    digest = hashlib.sha256()
    read = 0
    try:
        with cast(BinaryIO, gzip.open(path) if _zipped(path) else path.open("rb")) as file:
            while part := file.read(PART):
                digest.update(part)
                read += len(part)
                if read > LARGEST:  # a few bytes can unpack to more than there is memory or time for
                    return None
    except (OSError, EOFError, zlib.error):
        return None
    return digest.hexdigest()
