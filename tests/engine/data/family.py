"""A data set like MNIST with a few kilobytes, and local servers that deliver it correctly or not."""

from __future__ import annotations

import gzip
import hashlib
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

from engine.data.download.sources import FILE_NAMES, Mirror, PublishedFile, Source
from tests.slowing import PATIENCE

COUNTS = (60, 60, 30, 30)


def contents(seed: int = 0) -> dict[str, bytes]:
    """The content of the four files: images of noise, which does not compress, and labels 0 … 9 in turn."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, n in zip(FILE_NAMES, COUNTS, strict=True):
        if "images" in name:
            found[name] = b"\0\0\x08\x03" + struct.pack(">III", n, 28, 28) + rng.bytes(n * 784)
        else:
            found[name] = b"\0\0\x08\x01" + struct.pack(">I", n) + bytes(i % 10 for i in range(n))
    return found


def zipped(seed: int = 0, level: int = 9) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(body, level, mtime=0) for name, body in contents(seed).items()}


def small_source(mirrors: list[str], checks_content: bool = True, name: str = "mnist") -> Source:
    """A source of these files; the name of a mirror is the last part of its address."""
    plain, compressed = contents(), zipped()
    first, second, third, fourth = (
        PublishedFile(
            file,
            hashlib.sha256(plain[file] if checks_content else compressed[f"{file}.gz"]).hexdigest(),
            checks_content,
            len(compressed[f"{file}.gz"]),
        )
        for file in FILE_NAMES
    )
    named_mirrors = tuple(Mirror(url.rstrip("/").rsplit("/", 1)[-1], url) for url in mirrors)
    return Source(name, "Small, 28 × 28", (first, second, third, fourth), named_mirrors, examples=90)


class Mirrors:
    """A server whose behavior is the first part of the address.

    good · rewrapped (another compression) · encoded (unpacked by the HTTP library) · no-length ·
    missing (404) · broken (500) · cut (ends early) · cut-no-length · wrong (other images) · rubbish ·
    endless · silent (no answer) · closes (closes without an answer) · no-http · stalls (half, then
    nothing) · trickles (a byte at a time) · slow (a few bytes at a time)
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.requested_paths: list[str] = []
        self.closing = threading.Event()

    def url(self, behavior: str) -> str:
        return f"http://127.0.0.1:{self.port}/{behavior}/"


@contextmanager
def serving() -> Iterator[Mirrors]:
    mirrors: Mirrors

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            mirrors.requested_paths.append(self.path)
            behavior, name = self.path.strip("/").split("/")
            with suppress(BrokenPipeError, ConnectionResetError):  # the client has closed the connection
                self._serve(behavior, zipped()[name], name)

        def _serve(self, behavior: str, body: bytes, name: str) -> None:
            closing = mirrors.closing
            if behavior == "missing":
                return self.send_error(404)
            if behavior == "broken":
                return self.send_error(500)
            if behavior == "silent":
                closing.wait(60 * PATIENCE)
                return None
            if behavior == "closes":
                return None
            if behavior == "no-http":
                self.wfile.write(b"220 smtp.example ready\r\n")
                return None
            if behavior == "rewrapped":
                body = zipped(level=1)[name]
            if behavior == "wrong":
                body = zipped(seed=1)[name]
            if behavior == "rubbish":
                body = b"<html>Please sign in to this network</html>"
            self.send_response(200)
            if behavior not in ("no-length", "cut-no-length", "endless"):
                self.send_header("Content-Length", str(len(body)))
            if behavior == "encoded":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            if behavior in ("cut", "cut-no-length"):
                self.wfile.write(body[: len(body) // 2])
            elif behavior == "stalls":
                self.wfile.write(body[: len(body) // 2])
                closing.wait(60 * PATIENCE)
            elif behavior == "trickles":
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    if closing.wait(0.05):
                        break
            elif behavior == "slow":
                for at in range(0, len(body), 4096):
                    self.wfile.write(body[at : at + 4096])
                    if closing.wait(0.4):
                        break
            elif behavior == "endless":
                while not closing.is_set():
                    self.wfile.write(bytes(1 << 16))
            else:
                self.wfile.write(body)
            return None

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        mirrors = Mirrors(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mirrors
        finally:
            mirrors.closing.set()
            server.shutdown()
            thread.join()


def file_names(folder: Path) -> set[str]:
    """The names of all files below a folder, without the empty lock file."""
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
