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

CHUNK = 4096  # bytes: small, so that the progress of a slow connection is visible
POLL_INTERVAL = 0.05  # seconds between two checks of a download
NO_ANSWER = "gave no answer in time"


@dataclass(frozen=True)
class Patience:
    """How long to wait for a mirror, in seconds.

    Attributes:
        connect: until one of its addresses accepts a connection.
        answer: until the beginning of its answer, with the look-up of its name and the connection.
        silence: until the next bytes of a file.
        whole: until the end of a file.
    """

    connect: float = 5.0
    answer: float = 10.0  # a name may have a dozen addresses, which are tried one by one
    silence: float = 20.0
    whole: float = 1800.0  # the largest file, 26 MB, at 15 kB/s


class MirrorFailed(Exception):
    """A mirror did not send the file.

    Attributes:
        reason: the end of a sentence that begins with the mirror.
        reached: whether the mirror answered; if no mirror does, this machine is offline.
    """

    def __init__(self, reason: str, reached: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reached = reached


def receive(url: str, path: Path, most: int, patience: Patience, progress: Callable[[int, int | None], None]) -> None:
    """Download `url` into the new file `path`. After an error the caller removes the file.

    The download runs in its own thread, because the look-up of a name, a dozen addresses or a byte every ten seconds
    may take longer in total than any time limit of the HTTP library. An abandoned thread ends at its next byte or
    at the time limit of the library.

    Args:
        url: of the file. path: of the new file; it must not exist.
        most: the largest accepted number of bytes. patience: the time limits.
        progress: called with the bytes downloaded and the size in bytes, None if unknown.

    Raises:
        MirrorFailed: when the mirror does not send a whole file in time.
        OSError: when the file cannot be written.
    """
    incoming = _Incoming(path.open("xb"), most)
    thread = threading.Thread(target=incoming.run, args=(url, patience), daemon=True)
    thread.start()
    try:
        started = moved = time.monotonic()
        seen = -1  # no answer yet
        while thread.is_alive():
            thread.join(POLL_INTERVAL)
            progress(incoming.done, incoming.total or None)
            now = time.monotonic()
            if incoming.total is not None and incoming.done > seen:
                seen, moved = incoming.done, now
            if seen < 0 and now - started > patience.answer:
                raise MirrorFailed(NO_ANSWER, reached=False)
            if seen >= 0 and now - moved > patience.silence:
                raise MirrorFailed(f"sent nothing more for {patience.silence:g} seconds", reached=True)
            if now - started > patience.whole:
                raise MirrorFailed(f"was not done after {patience.whole:g} seconds", reached=True)
    finally:
        incoming.given_up = True
    if isinstance(incoming.error, _NotWritten):
        raise incoming.error.why
    if incoming.error is not None:
        raise _failure(incoming.error, incoming, patience) from incoming.error
    progress(incoming.done, incoming.total or None)  # the download may have ended before the first check


class _NotWritten(Exception):
    """An error of the disk, not of the mirror."""

    def __init__(self, why: OSError) -> None:
        super().__init__(str(why))
        self.why = why


class _Incoming:
    """The file that pooch writes, which also serves as its progress bar.

    pooch updates the bar by whole chunks, so `write` counts the bytes.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.file = file
        self.most = most
        self.done = 0
        self.total: int | None = None  # pooch sets it when the mirror answers; 0 if the length is unknown
        self.given_up = False
        self.error: Exception | None = None

    def run(self, url: str, patience: Patience) -> None:
        import pooch  # here, because workers have no use for it and should start fast

        download = pooch.HTTPDownloader(
            progressbar=self,
            chunk_size=CHUNK,
            timeout=(patience.connect, patience.silence),
            headers={"Accept-Encoding": "identity"},  # otherwise the library may unpack the file
        )
        try:
            with self.file:
                download(url, self, None)
        except OSError as error:  # also from requests; a full disk may raise only when the file is closed
            self.error = _NotWritten(error) if type(error) is OSError else error
        except Exception as error:
            self.error = error

    def write(self, data: bytes) -> None:
        if self.given_up:
            raise InterruptedError("given up")
        if self.done + len(data) > self.most:
            raise MirrorFailed(f"sends more than {self.most:,} bytes", reached=True)
        try:
            self.file.write(data)
        except OSError as error:
            raise _NotWritten(error) from error
        self.done += len(data)

    def flush(self) -> None:
        with suppress(OSError):  # a serious error is raised again by the next write or by the close
            self.file.flush()

    def update(self, chunk: int) -> None:
        """Do nothing; pooch calls it on a progress bar."""

    def reset(self) -> None:
        """Do nothing, as `update`."""

    def close(self) -> None:
        """Do nothing, as `update`."""


def _failure(error: Exception, incoming: _Incoming, patience: Patience) -> MirrorFailed:
    """Return the cause of an error of the HTTP library, which wraps it several times."""
    if isinstance(error, MirrorFailed):
        return error
    reached = incoming.total is not None
    if (response := getattr(error, "response", None)) is not None:
        return MirrorFailed(f"answers {response.status_code} {response.reason}", reached=True)
    if type(error).__name__ == "ProxyError":  # a class of requests, which only pooch imports
        return MirrorFailed("is behind a proxy that fails: check HTTP_PROXY and HTTPS_PROXY", reached=True)
    for cause in _causes(error):
        match cause:
            case http.client.IncompleteRead():
                ended = f"ended after {incoming.done:,} of {incoming.total or 0:,} bytes"
                return MirrorFailed(ended, reached=True)
            case socket.gaierror():
                return MirrorFailed("has a name that cannot be looked up", reached=False)
            case ConnectionRefusedError():
                return MirrorFailed("refuses the connection", reached=False)
            case ssl.SSLError():
                return MirrorFailed(
                    f"fails in its encryption or its certificate ({cause.reason or cause})", reached=True
                )
            case TimeoutError() if reached:
                return MirrorFailed(f"sent nothing more for {patience.silence:g} seconds", reached=True)
            case TimeoutError():
                return MirrorFailed(NO_ANSWER, reached=False)
            case ConnectionError() if reached:
                return MirrorFailed(f"closed the connection after {incoming.done:,} bytes", reached=True)
            case ConnectionError():
                return MirrorFailed("closed the connection without an answer", reached=True)
            case http.client.HTTPException():
                return MirrorFailed("sends an answer that is not HTTP", reached=True)
            case OSError(errno=int(), strerror=str(words)):
                return MirrorFailed(f"cannot be reached ({words})", reached=reached)
    return MirrorFailed(f"failed ({type(error).__name__}: {error!s:.200})", reached=reached)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Return an error and its causes, innermost first."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return reversed(found)
