"""A data set like MNIST, of a few kilobytes, and servers on this machine that treat it well or badly."""

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
    """What the four files hold: images of noise, which does not compress, and labels 0 … 9 in turn."""
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
    """A source of these files; a mirror is named by the last part of its address."""
    plain, wrapped = contents(), zipped()
    first, second, third, fourth = (
        PublishedFile(
            file,
            hashlib.sha256(plain[file] if checks_content else wrapped[f"{file}.gz"]).hexdigest(),
            checks_content,
            len(wrapped[f"{file}.gz"]),
        )
        for file in FILE_NAMES
    )
    named = tuple(Mirror(url.rstrip("/").rsplit("/", 1)[-1], url) for url in mirrors)
    return Source(name, "Small, 28 × 28", (first, second, third, fourth), named, examples=90)


class Mirrors:
    """Servers in one: the first part of an address says how what is asked for is served.

    good · rewrapped (another compression) · encoded (unpacked by the HTTP library) · no-length ·
    missing (404) · broken (500) · cut (ends early) · cut-no-length · wrong (other images) · rubbish ·
    endless · silent (no answer) · closes (no answer, and no connection any more) · no-http ·
    stalls (half, then nothing) · trickles (a byte now and then) · slow (a little, for ever)
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[str] = []
        self.over = threading.Event()

    def url(self, manner: str) -> str:
        return f"http://127.0.0.1:{self.port}/{manner}/"


@contextmanager
def serving() -> Iterator[Mirrors]:
    mirrors: Mirrors

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            mirrors.asked.append(self.path)
            manner, name = self.path.strip("/").split("/")
            with suppress(BrokenPipeError, ConnectionResetError):  # given up by the other side, as it should
                self._serve(manner, zipped()[name], name)

        def _serve(self, manner: str, body: bytes, name: str) -> None:
            over = mirrors.over
            if manner == "missing":
                return self.send_error(404)
            if manner == "broken":
                return self.send_error(500)
            if manner == "silent":
                over.wait(60 * PATIENCE)
                return None
            if manner == "closes":
                return None
            if manner == "no-http":
                self.wfile.write(b"220 smtp.example ready\r\n")
                return None
            if manner == "rewrapped":
                body = zipped(level=1)[name]
            if manner == "wrong":
                body = zipped(seed=1)[name]
            if manner == "rubbish":
                body = b"<html>Please sign in to this network</html>"
            self.send_response(200)
            if manner not in ("no-length", "cut-no-length", "endless"):
                self.send_header("Content-Length", str(len(body)))
            if manner == "encoded":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            if manner in ("cut", "cut-no-length"):
                self.wfile.write(body[: len(body) // 2])
            elif manner == "stalls":
                self.wfile.write(body[: len(body) // 2])
                over.wait(60 * PATIENCE)
            elif manner == "trickles":
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    if over.wait(0.05):
                        break
            elif manner == "slow":
                for at in range(0, len(body), 4096):
                    self.wfile.write(body[at : at + 4096])
                    if over.wait(0.4):
                        break
            elif manner == "endless":
                while not over.is_set():
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
            mirrors.over.set()
            server.shutdown()
            thread.join()


def left(folder: Path) -> set[str]:
    """The names of all files below a folder, the lock apart: an empty file that says nothing."""
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
