"""One file from one mirror: what arrives, whether it still does, and in words why it does not."""

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

CHUNK = 4096  # bytes: small, so that a slow connection is seen to move
TICK = 0.05  # seconds between two looks at a download
NO_ANSWER = "gave no answer in time"


@dataclass(frozen=True)
class Patience:
    """How long to wait for a mirror, in seconds.

    Attributes:
        connect: for one of its addresses to accept a connection.
        answer: for looking its name up, connecting and the beginning of its answer together.
        silence: for the next bytes of a file.
        whole: for a whole file.
    """

    connect: float = 5.0
    answer: float = 10.0  # a name may have a dozen addresses, each of them waited for
    silence: float = 20.0
    whole: float = 1800.0  # the largest file, 26 MB, at 15 kB/s


class MirrorFailed(Exception):
    """A mirror did not give the file.

    Attributes:
        reason: why, as a part of a sentence.
        reached: whether there was an answer at all; where no mirror gives one, the network is missing.
    """

    def __init__(self, reason: str, reached: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reached = reached


def receive(url: str, path: Path, most: int, patience: Patience, told: Callable[[int, int | None], None]) -> None:
    """Download `url` into the new file `path`; what is there after an error is the caller's to remove.

    The download runs in a thread of its own: nothing else bounds the time that looking up a name, trying
    a dozen addresses or waiting for a byte every ten seconds may take together. A thread that is given up
    finds out at its next byte, or at its own time limit, and ends.

    Args:
        url: what to download. path: where to; must not exist yet.
        most: the largest number of bytes to accept.
        patience: how long to wait. told: hears of bytes done and bytes in all, None where unknown.

    Raises:
        MirrorFailed: when the mirror does not give a whole file, in time.
        OSError: when the file cannot be written.
    """
    incoming = _Incoming(path.open("xb"), most)
    thread = threading.Thread(target=incoming.run, args=(url, patience), daemon=True)
    thread.start()
    try:
        begun = moved = time.monotonic()
        seen = -1  # until there is an answer
        while thread.is_alive():
            thread.join(TICK)
            told(incoming.done, incoming.total or None)
            now = time.monotonic()
            if incoming.total is not None and incoming.done > seen:
                seen, moved = incoming.done, now
            if seen < 0 and now - begun > patience.answer:
                raise MirrorFailed(NO_ANSWER, reached=False)
            if seen >= 0 and now - moved > patience.silence:
                raise MirrorFailed(f"sent nothing more for {patience.silence:g} seconds", reached=True)
            if now - begun > patience.whole:
                raise MirrorFailed(f"was not done after {patience.whole:g} seconds", reached=True)
    finally:
        incoming.given_up = True
    if isinstance(incoming.error, _NotWritten):
        raise incoming.error.why
    if incoming.error is not None:
        raise _failure(incoming.error, incoming, patience) from incoming.error


class _NotWritten(Exception):
    """The disk, not the mirror."""

    def __init__(self, why: OSError) -> None:
        super().__init__(str(why))
        self.why = why


class _Incoming:
    """The file that pooch writes to, and the progress bar that it moves.

    pooch moves its bar by whole chunks, so the bytes are counted here where they are written.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.file = file
        self.most = most
        self.done = 0
        self.total: int | None = None  # pooch sets it when the mirror answers; 0 where that says no length
        self.given_up = False
        self.error: Exception | None = None

    def run(self, url: str, patience: Patience) -> None:
        import pooch  # here, because workers have no use for it and should start fast

        download = pooch.HTTPDownloader(
            progressbar=self,
            chunk_size=CHUNK,
            timeout=(patience.connect, patience.silence),
            headers={"Accept-Encoding": "identity"},  # otherwise what arrives may be unpacked on the way
        )
        try:
            with self.file:
                download(url, self, None)
        except OSError as error:  # of requests, too; a disk that is full may say so when the file is closed
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
        with suppress(OSError):  # if it matters, the next write or the end says so
            self.file.flush()

    def update(self, chunk: int) -> None:
        """What pooch calls of a progress bar, beside setting `total`."""

    def reset(self) -> None:
        """See `update`."""

    def close(self) -> None:
        """See `update`."""


def _failure(error: Exception, incoming: _Incoming, patience: Patience) -> MirrorFailed:
    """What went wrong, in words: an HTTP library wraps the reason up several times."""
    if isinstance(error, MirrorFailed):
        return error
    reached = incoming.total is not None
    if (response := getattr(error, "response", None)) is not None:
        return MirrorFailed(f"answers {response.status_code} {response.reason}", reached=True)
    if type(error).__name__ == "ProxyError":  # of requests, which is pooch's affair
        return MirrorFailed("is behind a proxy that fails: see HTTP_PROXY and HTTPS_PROXY", reached=True)
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
                return MirrorFailed(f"broke off after {incoming.done:,} bytes", reached=True)
            case ConnectionError():
                return MirrorFailed("broke off before it answered", reached=True)
            case http.client.HTTPException():
                return MirrorFailed("answers something that is no HTTP", reached=True)
            case OSError(errno=int(), strerror=str(words)):
                return MirrorFailed(f"cannot be reached ({words})", reached=reached)
    return MirrorFailed(f"failed ({type(error).__name__}: {error!s:.200})", reached=reached)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised for, innermost first."""
    found: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in found:
        found.append(at)
        at = at.__cause__ or at.__context__
    return reversed(found)
