"""The download of one file from one mirror, with time limits and error messages."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import format_duration

CHUNK = 4096  # bytes: small, so that the progress of a slow connection is visible
POLL_INTERVAL = 0.05  # seconds between two checks of a download
NO_RESPONSE = "gave no answer in time"


@dataclass(frozen=True)
class Timeouts:
    """Time limits of a download, in seconds.

    Attributes:
        connection: until one of its addresses accepts a connection.
        response_start: until its response begins, including the look-up of its name and the connection.
        pause: until the next bytes of a file.
        total_time: until the end of a file.
    """

    connection: float = 5.0
    response_start: float = 10.0  # a name may have a dozen addresses, which are tried one by one
    pause: float = 20.0
    total_time: float = 1800.0  # the largest file, 26 MB, at 15 kB/s


class MirrorFailed(Exception):
    """A mirror did not send the file.

    Attributes:
        reason: the end of a sentence that begins with the mirror.
        is_reachable: True if the mirror responded; if no mirror responds, this machine is offline.
    """

    def __init__(self, reason: str, is_reachable: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_reachable = is_reachable


def download_file(
    url: str, path: Path, max_bytes: int, timeouts: Timeouts, progress: Callable[[int, int | None], None]
) -> None:
    """Download `url` into the new file `path`. After an error the caller removes the file.

    The download runs in its own thread, because the look-up of a name, a dozen addresses or a byte every ten seconds
    may take longer in total than any time limit of the HTTP library. An abandoned thread ends at its next byte or
    at the time limit of the library.

    Args:
        url: URL of the file. path: path of the new file, which must not exist.
        max_bytes: the largest accepted number of bytes. timeouts: the time limits.
        progress: called with the bytes downloaded and the size in bytes, None if unknown.

    Raises:
        MirrorFailed: when the mirror does not send a whole file in time.
        OSError: when the file cannot be written.
    """
    download = _Download(path.open("xb"), max_bytes)
    thread = threading.Thread(target=download.run, args=(url, timeouts), daemon=True)
    thread.start()
    try:
        start_time = last_progress = time.monotonic()
        last_count = -1  # no answer yet
        while thread.is_alive():
            thread.join(POLL_INTERVAL)
            progress(download.bytes_written, download.total or None)
            now = time.monotonic()
            if download.total is not None and download.bytes_written > last_count:
                last_count, last_progress = download.bytes_written, now
            if last_count < 0 and now - start_time > timeouts.response_start:
                raise MirrorFailed(NO_RESPONSE, is_reachable=False)
            if last_count >= 0 and now - last_progress > timeouts.pause:
                raise MirrorFailed(f"sent nothing more for {format_duration(timeouts.pause)}", is_reachable=True)
            if now - start_time > timeouts.total_time:
                raise MirrorFailed(f"was not done after {format_duration(timeouts.total_time)}", is_reachable=True)
    finally:
        download.is_cancelled = True
    if isinstance(download.error, _WriteFailed):
        raise download.error.cause
    if download.error is not None:
        raise _mirror_failure(download.error, download, timeouts) from download.error
    progress(download.bytes_written, download.total or None)  # the download may have ended before the first check


class _WriteFailed(Exception):
    """An error of the disk, not of the mirror."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Download:
    """The file and the progress bar that pooch writes to.

    pooch updates a progress bar by whole chunks only, so `write` counts the bytes.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self.file = file
        self.max_bytes = max_bytes
        self.bytes_written = 0
        self.total: int | None = None  # pooch sets it when the mirror answers; 0 if the length is unknown
        self.is_cancelled = False
        self.error: Exception | None = None

    def run(self, url: str, timeouts: Timeouts) -> None:
        import pooch  # here, because workers do not need it and should start fast

        downloader = pooch.HTTPDownloader(
            progressbar=self,
            chunk_size=CHUNK,
            timeout=(timeouts.connection, timeouts.pause),
            headers={"Accept-Encoding": "identity"},  # otherwise the library may unpack the file
        )
        try:
            with self.file:
                downloader(url, self, None)
        except OSError as error:  # also from requests; a full disk may raise only when the file is closed
            self.error = _WriteFailed(error) if type(error) is OSError else error
        except Exception as error:
            self.error = error

    def write(self, data: bytes) -> None:
        if self.is_cancelled:
            raise InterruptedError("cancelled")
        if self.bytes_written + len(data) > self.max_bytes:
            raise MirrorFailed(f"sends more than {self.max_bytes:,} bytes", is_reachable=True)
        try:
            self.file.write(data)
        except OSError as error:
            raise _WriteFailed(error) from error
        self.bytes_written += len(data)

    def flush(self) -> None:
        with suppress(OSError):  # a serious error is raised again by the next write or by the close
            self.file.flush()

    def update(self, chunk: int) -> None:
        """Do nothing; pooch calls it on a progress bar."""

    def reset(self) -> None:
        """Do nothing, as `update`."""

    def close(self) -> None:
        """Do nothing, as `update`."""


def _mirror_failure(error: Exception, download: _Download, timeouts: Timeouts) -> MirrorFailed:
    """Return the failure that caused an error of the HTTP library, which wraps errors several times."""
    if isinstance(error, MirrorFailed):
        return error
    is_reachable = download.total is not None
    if (response := getattr(error, "response", None)) is not None:
        return MirrorFailed(f"answers {response.status_code} {response.reason}", is_reachable=True)
    if type(error).__name__ == "ProxyError":  # a class of requests, which only pooch imports
        return MirrorFailed("is behind a proxy that fails: check HTTP_PROXY and HTTPS_PROXY", is_reachable=True)
    for cause in _causes(error):
        match cause:
            case http.client.IncompleteRead():
                message = f"ended after {download.bytes_written:,} of {download.total or 0:,} bytes"
                return MirrorFailed(message, is_reachable=True)
            case socket.gaierror():
                return MirrorFailed("has a name that cannot be looked up", is_reachable=False)
            case ConnectionRefusedError():
                return MirrorFailed("refuses the connection", is_reachable=False)
            case ssl.SSLError():
                return MirrorFailed(
                    f"fails in its encryption or its certificate ({cause.reason or cause})", is_reachable=True
                )
            case TimeoutError() if is_reachable:
                return MirrorFailed(f"sent nothing more for {format_duration(timeouts.pause)}", is_reachable=True)
            case TimeoutError():
                return MirrorFailed(NO_RESPONSE, is_reachable=False)
            case ConnectionError() if is_reachable:
                return MirrorFailed(f"closed the connection after {download.bytes_written:,} bytes", is_reachable=True)
            case ConnectionError():
                return MirrorFailed("closed the connection without an answer", is_reachable=True)
            case http.client.HTTPException():
                return MirrorFailed("sends an answer that is not HTTP", is_reachable=True)
            case OSError(errno=int(), strerror=str(description)):
                return MirrorFailed(f"cannot be reached ({description})", is_reachable=is_reachable)
    return MirrorFailed(f"failed ({type(error).__name__}: {error!s:.200})", is_reachable=is_reachable)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Return an error and its causes, innermost first."""
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return reversed(chain)
