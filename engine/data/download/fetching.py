"""Downloads of data sets. A file is moved to its place only when it is complete and its checksum is right."""

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

from engine.data.download.mirrors import MirrorFailed, Timeouts, download_file
from engine.data.download.sources import SOURCES, Mirror, PublishedFile, Source
from engine.data.files.folders import data_folder, is_writable
from engine.data.files.locking import folder_lock, partial_path, remove_partial_files
from engine.errors import FieldError, format_bytes

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes downloaded, and its size in bytes, None if unknown."""

MAX_LOCK_WAIT = 60.0  # seconds to wait for another process that downloads the same files; then both download them
CHUNK_BYTES = 1 << 20  # bytes read at once
MAX_UNPACKED_BYTES = 1 << 28  # of a file; the largest published one has 47 million

MATCHES_GZIP = "as published (SHA-256 of the .gz)"
MATCHES_CONTENT = "as published (SHA-256 of the unpacked file)"
NOT_CHECKED = "not checked: the published checksum is of the .gz"


@dataclass(frozen=True)
class FetchedFile:
    """A file of a data set in the data folder.

    Attributes:
        path: path of the file.
        mirror: the mirror that sent it; None if the file existed already.
        check_result: the result of the check, in words.
        renamed_path: the new path of a damaged file that was in its place; None if there was none.
    """

    path: Path
    mirror: Mirror | None
    check_result: str
    renamed_path: Path | None = None


@dataclass(frozen=True)
class DownloadableDataset:
    """A data set that can be downloaded.

    Attributes:
        name: for `load_dataset` and `fetch`.
        title: its displayed name.
        examples: number of examples, all parts together.
        is_present: whether its files are in the data folder.
        megabytes: the size of the download in millions of bytes.
    """

    name: str
    title: str
    examples: int
    is_present: bool
    megabytes: float


def downloadable_datasets() -> list[DownloadableDataset]:
    """Return the data sets that `fetch` can download."""
    folder = data_folder()
    return [
        DownloadableDataset(
            source.name,
            source.title,
            source.examples,
            is_present=all(
                any(path.is_file() for path in file.possible_paths(folder / source.name)) for file in source.files
            ),
            megabytes=source.size / 1e6,
        )
        for source in SOURCES.values()
    ]


def fetch(name: str, progress: Progress | None = None) -> list[FetchedFile]:
    """Download the files of a data set that are missing or damaged in the data folder.

    The mirrors are tried in turn until one sends a file with the published checksum. A file is moved to its place only
    after that check, so an interruption leaves no partial file there.

    Args:
        name: name of a data set in `downloadable_datasets()`.
        progress: called often during a download, in the calling thread.

    Returns:
        the four files, including those that existed already.

    Raises:
        FieldError: for an unknown name, when no mirror sends a file, or when it cannot be written; the message
            contains a remedy.
    """
    if not isinstance(name, str) or name not in SOURCES:
        raise FieldError("dataset", f"must be one of {', '.join(SOURCES)} to be downloaded, got {name!r:.60}")
    return fetch_source(SOURCES[name], data_folder(), progress)


def fetch_source(
    source: Source,
    folder: Path,
    progress: Progress | None = None,
    timeouts: Timeouts | None = None,
) -> list[FetchedFile]:
    """Like `fetch`, for any source and data folder."""
    dataset_folder = folder / source.name
    with _convert_disk_errors(source, dataset_folder):
        existing = [_existing_file(file, dataset_folder) for file in source.files]
        if None not in existing:  # nothing to write: the folder need not be writable
            return [file for file in existing if file is not None]
        if not is_writable(dataset_folder):
            raise PermissionError(errno.EACCES, "the folder is not writable")
        dataset_folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(dataset_folder, MAX_LOCK_WAIT) as has_lock:
            remove_partial_files(dataset_folder, has_lock)
            mirrors = list(source.mirrors)
            # checked again: another process may have downloaded it while this one waited
            return [
                _existing_file(file, dataset_folder)
                or _download(file, source, dataset_folder, mirrors, progress, timeouts or Timeouts())
                for file in source.files
            ]


def _existing_file(file: PublishedFile, dataset_folder: Path) -> FetchedFile | None:
    """Return the file that a reader would use; None if it is missing or damaged."""
    for path in file.possible_paths(dataset_folder):
        if path.is_file():
            check_result = _check_result(file, path)
            return FetchedFile(path, None, check_result) if check_result else None
    return None


def _check_result(file: PublishedFile, path: Path) -> str | None:
    """Check a file and return the result in words, or None if its checksum is wrong."""
    if file.checks_content:
        return MATCHES_CONTENT if _sha256_of_content(path) == file.sha256 else None
    if not _is_gzipped(path):
        return NOT_CHECKED
    return MATCHES_GZIP if _sha256(path) == file.sha256 else None


def _download(
    file: PublishedFile,
    source: Source,
    dataset_folder: Path,
    mirrors: list[Mirror],
    progress: Progress | None,
    timeouts: Timeouts,
) -> FetchedFile:
    """Download a file from the first mirror that sends it; mirrors that fail move to the end of `mirrors`."""
    target_path = dataset_folder / f"{file.name}.gz"

    def report(bytes_done: int, total_bytes: int | None) -> None:
        if progress is not None:
            progress(target_path.name, bytes_done, total_bytes)

    failures: list[tuple[Mirror, MirrorFailed]] = []
    for mirror in list(mirrors):
        partial_file = partial_path(target_path)
        try:
            download_file(
                f"{mirror.url}{target_path.name}", partial_file, 2 * file.size + CHUNK_BYTES, timeouts, report
            )
            _verify_checksum(file, partial_file)
            _flush_to_disk(partial_file)
            renamed_path = _rename_damaged(file, dataset_folder)
            os.replace(partial_file, target_path)
        except MirrorFailed as failure:
            failures.append((mirror, failure))
            mirrors.remove(mirror)
            mirrors.append(mirror)  # so that the next file does not wait for it again
        else:
            return FetchedFile(
                target_path, mirror, MATCHES_CONTENT if file.checks_content else MATCHES_GZIP, renamed_path
            )
        finally:
            with suppress(
                OSError
            ):  # Windows cannot delete it while an abandoned download has it open; the next fetch does
                partial_file.unlink(missing_ok=True)
    raise _all_mirrors_failed(file, source, dataset_folder, failures)


def _verify_checksum(file: PublishedFile, partial_file: Path) -> None:
    """Raise `MirrorFailed` if a downloaded file does not have the published checksum."""
    checksum = _sha256_of_content(partial_file) if file.checks_content else _sha256(partial_file)
    if checksum is None:
        raise MirrorFailed("sent a damaged gzip file", is_reachable=True)
    if checksum != file.sha256:
        raise MirrorFailed(
            f"sent a file with another checksum than the published one (SHA-256 {checksum[:12]}…)", is_reachable=True
        )


def _flush_to_disk(partial_file: Path) -> None:
    """Write the file to the disk before it gets its final name, so that a power cut leaves no damaged file."""
    with partial_file.open("rb+") as file:
        os.fsync(file.fileno())


def _rename_damaged(file: PublishedFile, dataset_folder: Path) -> Path | None:
    """Rename a damaged file in the place of a download instead of overwriting it; return its new path."""
    new_path = None
    for path in file.possible_paths(dataset_folder):
        if path.exists() and not _check_result(file, path):  # another process may have written a good one meanwhile
            new_path = path.with_name(f"{path.name}.replaced")
            os.replace(path, new_path)
    return new_path


def _all_mirrors_failed(
    file: PublishedFile, source: Source, dataset_folder: Path, failures: list[tuple[Mirror, MirrorFailed]]
) -> FieldError:
    is_offline = not any(failure.is_reachable for _, failure in failures)
    reasons = "; ".join(f"{mirror.name} ({mirror.url}) {failure.reason}" for mirror, failure in failures)
    problem = "no mirror can be reached, this machine seems to be offline" if is_offline else "no mirror sends the file"
    way_out = "Connect it to the network" if is_offline else "Try again later, or put the file there yourself,"
    return FieldError(
        "dataset",
        f"{source.name} cannot be downloaded, {file.name}.gz is missing in {dataset_folder}: {problem}. {reasons}. "
        f"{way_out} and try again (regscope data fetch {source.name}); the bundled digits work without a network",
    )


@contextmanager
def _convert_disk_errors(source: Source, dataset_folder: Path) -> Iterator[None]:
    """Raise errors of the disk as `FieldError` with a remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            way_out = f"free {format_bytes(source.size)} or set REGSCOPE_DATA to a folder on another disk"
        else:
            way_out = "change its permissions or set REGSCOPE_DATA to a writable folder"
        raise FieldError(
            "dataset",
            f"{source.name} cannot be stored in {dataset_folder} ({error.strerror or error}): {way_out}, and try again",
        ) from error


def _is_gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _sha256(path: Path) -> str:
    import pooch  # here, because workers do not need it and should start fast

    return str(pooch.file_hash(str(path), alg="sha256"))


def _sha256_of_content(path: Path) -> str | None:
    """Return the SHA-256 of the content of a gzip file, or of another file; None if it is damaged."""
    digest = hashlib.sha256()
    bytes_read = 0
    try:
        with cast(BinaryIO, gzip.open(path) if _is_gzipped(path) else path.open("rb")) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                bytes_read += len(chunk)
                if bytes_read > MAX_UNPACKED_BYTES:  # a small file can unpack to terabytes
                    return None
    except (OSError, EOFError, zlib.error):
        return None
    return digest.hexdigest()
