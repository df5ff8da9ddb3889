"""Downloads of data sets. A file is in its place only once it is whole and its checksum is right."""

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
"""Called with the name of a file, the bytes downloaded, and its size in bytes, None if unknown."""

WAIT = 60.0  # seconds to wait for another process that downloads the same; then both do, which only takes time
PART = 1 << 20  # bytes read at once
MAX_UNPACKED_BYTES = 1 << 28  # of a file; the largest published one has 47 million

PUBLISHED = "as published (SHA-256 of the .gz)"
PUBLISHED_INSIDE = "as published (SHA-256 of the unpacked file)"
UNCHECKED = "not checked: the published checksum is of the .gz"


@dataclass(frozen=True)
class Fetched:
    """A file of a data set in the data folder.

    Attributes:
        path: of the file.
        mirror: that it was downloaded from; None if it was there already.
        checked: the result of the check, in words.
        set_aside: the new path of a damaged file that was in its place; None if there was none.
    """

    path: Path
    mirror: Mirror | None
    checked: str
    set_aside: Path | None = None


@dataclass(frozen=True)
class Fetchable:
    """A data set that can be downloaded.

    Attributes:
        name: for `load_dataset` and `fetch`.
        title: its name for people.
        examples: their number, all parts together.
        present: whether its files are in the data folder.
        megabytes: the size of the download in millions of bytes.
    """

    name: str
    title: str
    examples: int
    present: bool
    megabytes: float


def fetchable() -> list[Fetchable]:
    """Return the data sets that `fetch` can download."""
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
    """Download the files of a data set that are missing or damaged in the data folder.

    The mirrors are tried in turn until one sends a file with the published checksum. A file is moved to its place only
    after that check, so an interruption leaves no partial file there.

    Args:
        name: of a data set in `fetchable()`.
        progress: called often during a download, in the calling thread.

    Returns:
        the four files, with those that were there already.

    Raises:
        FieldError: for an unknown name, when no mirror sends a file, or when it cannot be written; the message
            contains the way out.
    """
    if not isinstance(name, str) or name not in SOURCES:
        raise FieldError("dataset", f"must be one of {', '.join(SOURCES)} to be downloaded, got {name!r:.60}")
    return fetch_source(SOURCES[name], data_folder(), progress)


def fetch_source(
    source: Source,
    folder: Path,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> list[Fetched]:
    """Like `fetch`, for any source and data folder."""
    target = folder / source.name
    with _disk_errors(source, target):
        there = [_there(file, target) for file in source.files]
        if None not in there:  # nothing to write: the folder need not be writable
            return [file for file in there if file is not None]
        if not writable(target):
            raise PermissionError(errno.EACCES, "the folder is not writable")
        target.mkdir(parents=True, exist_ok=True)
        with locked(target, WAIT) as alone:
            clean(target, alone)
            mirrors = list(source.mirrors)
            # checked again: another process may have downloaded it while this one waited
            return [
                _there(file, target) or _download(file, source, target, mirrors, progress, patience or Patience())
                for file in source.files
            ]


def _there(file: File, target: Path) -> Fetched | None:
    """Return the file that would be read; None if it is missing or damaged."""
    for path in file.places(target):
        if path.is_file():
            checked = _checked(file, path)
            return Fetched(path, None, checked) if checked else None
    return None


def _checked(file: File, path: Path) -> str | None:
    """Return the result of the check of a file, in words; None if its checksum is wrong."""
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
    """Download a file from the first mirror that sends it; mirrors that fail move to the end of `mirrors`."""
    place = target / f"{file.name}.gz"

    def report(done: int, total: int | None) -> None:
        if progress is not None:
            progress(place.name, done, total)

    failures: list[tuple[Mirror, MirrorFailed]] = []
    for mirror in list(mirrors):
        part = partial_path(place)
        try:
            receive(f"{mirror.url}{place.name}", part, 2 * file.size + PART, patience, report)
            _check(file, part)
            _sync(part)
            set_aside = _set_aside(file, target)
            os.replace(part, place)
        except MirrorFailed as failure:
            failures.append((mirror, failure))
            mirrors.remove(mirror)
            mirrors.append(mirror)  # so that the next file does not wait for it again
        else:
            return Fetched(place, mirror, PUBLISHED_INSIDE if file.inside else PUBLISHED, set_aside)
        finally:
            with suppress(
                OSError
            ):  # Windows cannot delete it while an abandoned download has it open; the next fetch does
                part.unlink(missing_ok=True)
    raise _no_mirror(file, source, target, failures)


def _check(file: File, part: Path) -> None:
    """Raise `MirrorFailed` if a downloaded file does not have the published checksum."""
    got = _sha256_inside(part) if file.inside else _sha256(part)
    if got is None:
        raise MirrorFailed("sent a damaged gzip file", reached=True)
    if got != file.sha256:
        raise MirrorFailed(
            f"sent a file with another checksum than the published one (SHA-256 {got[:12]}…)", reached=True
        )


def _sync(part: Path) -> None:
    """Write the file to the disk before it gets its final name, so that a power cut leaves no damaged file."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _set_aside(file: File, target: Path) -> Path | None:
    """Rename a damaged file in the place of a download instead of overwriting it; return its new path."""
    aside = None
    for path in file.places(target):
        if path.exists() and not _checked(file, path):  # another process may have written a good one meanwhile
            aside = path.with_name(f"{path.name}.replaced")
            os.replace(path, aside)
    return aside


def _no_mirror(file: File, source: Source, target: Path, failures: list[tuple[Mirror, MirrorFailed]]) -> FieldError:
    offline = not any(failure.reached for _, failure in failures)
    each = "; ".join(f"{mirror.name} ({mirror.url}) {failure.reason}" for mirror, failure in failures)
    problem = "no mirror can be reached, this machine seems to be offline" if offline else "no mirror sends the file"
    way_out = "Connect it to the network" if offline else "Try again later, or put the file there yourself,"
    return FieldError(
        "dataset",
        f"{source.name} cannot be downloaded, {file.name}.gz is missing in {target}: {problem}. {each}. {way_out} and "
        f"try again (regscope data fetch {source.name}); the bundled digits work without a network",
    )


@contextmanager
def _disk_errors(source: Source, target: Path) -> Iterator[None]:
    """Raise errors of the disk as `FieldError` with the way out."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            way_out = f"free {source.size / 1e6:.0f} MB or set REGSCOPE_DATA to a folder on another disk"
        else:
            way_out = "change its permissions or set REGSCOPE_DATA to a writable folder"
        raise FieldError(
            "dataset",
            f"{source.name} cannot be stored in {target} ({error.strerror or error}): {way_out}, and try again",
        ) from error


def _zipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _sha256(path: Path) -> str:
    import pooch  # here, because workers do not need it and should start fast

    return str(pooch.file_hash(str(path), alg="sha256"))


def _sha256_inside(path: Path) -> str | None:
    """Return the SHA-256 of the content of a gzip file, or of another file; None if it is damaged."""
    digest = hashlib.sha256()
    read = 0
    try:
        with cast(BinaryIO, gzip.open(path) if _zipped(path) else path.open("rb")) as file:
            while part := file.read(PART):
                digest.update(part)
                read += len(part)
                if read > MAX_UNPACKED_BYTES:  # a small file can unpack to terabytes
                    return None
    except (OSError, EOFError, zlib.error):
        return None
    return digest.hexdigest()
