"""Fetching from servers that serve, stall, cut off and lie: what arrives is right, or nothing does and it says why."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import FieldError
from engine.data import downloadable_datasets, fetch
from engine.data.download.fetching import MATCHES_CONTENT, MATCHES_GZIP, NOT_CHECKED, fetch_source
from engine.data.download.mirrors import Timeouts
from engine.data.download.sources import FILE_NAMES, SOURCES
from engine.data.mnist_family import load
from tests.engine.data.family import Mirrors, contents, left, small_source, zipped
from tests.processes import free_port

SHORT = Timeouts(connection=2.0, response_start=2.0, pause=1.0, total_time=60.0)
pytestmark = pytest.mark.usefixtures("small_family")
ZIPPED = {f"{name}.gz" for name in FILE_NAMES}


@pytest.mark.parametrize("inside", [True, False])
def test_files_arrive_whole_checked_and_ready_to_load(mirrors: Mirrors, tmp_path: Path, inside: bool) -> None:
    source = small_source([mirrors.url("good")], inside)
    files = fetch_source(source, tmp_path)
    assert left(tmp_path) == ZIPPED
    for name, body in zipped().items():
        assert (tmp_path / "mnist" / name).read_bytes() == body
    assert [file.path.name for file in files] == [f"{name}.gz" for name in FILE_NAMES]
    assert {file.mirror.name for file in files if file.mirror} == {"good"}
    assert {file.check_result for file in files} == {MATCHES_CONTENT if inside else MATCHES_GZIP}
    dataset = load(source, tmp_path)
    pixels = np.frombuffer(contents()[FILE_NAMES[0]][16:], np.uint8).reshape(60, 784)
    assert (dataset.training.x == pixels[:40].astype(np.float64) / 256).all()


def test_progress_ends_with_every_byte_of_every_file(mirrors: Mirrors, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int | None]] = []
    fetch_source(small_source([mirrors.url("good")]), tmp_path, lambda *news: heard.append(news))
    last = {name: (done, total) for name, done, total in heard}
    assert last == {name: (len(body), len(body)) for name, body in zipped().items()}
    for name in ZIPPED:
        done = [bytes_done for of, bytes_done, _ in heard if of == name]
        assert done == sorted(done)


def test_a_mirror_that_says_no_length_is_told_as_none(mirrors: Mirrors, tmp_path: Path) -> None:
    totals = set()
    fetch_source(small_source([mirrors.url("no-length")]), tmp_path, lambda name, done, total: totals.add(total))
    assert totals == {None}
    assert left(tmp_path) == ZIPPED


def test_what_is_there_is_not_fetched_again(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("good")])
    fetch_source(source, tmp_path)
    (tmp_path / "mnist" / f"{FILE_NAMES[2]}.gz").unlink()
    before = len(mirrors.asked)
    files = fetch_source(source, tmp_path)
    assert mirrors.asked[before:] == [f"/good/{FILE_NAMES[2]}.gz"]
    assert [file.mirror is None for file in files] == [True, True, False, True]


def test_a_folder_that_has_everything_need_not_be_writable(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("good")])
    fetch_source(source, tmp_path)
    (tmp_path / "mnist" / ".lock").unlink()
    (tmp_path / "mnist").chmod(0o555)
    try:
        assert len(fetch_source(source, tmp_path)) == 4
        assert not (tmp_path / "mnist" / ".lock").exists()
    finally:
        (tmp_path / "mnist").chmod(0o755)


def test_plain_files_that_cannot_be_checked_are_left_and_said_to_be_unchecked(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    for name, body in contents().items():
        (tmp_path / "mnist" / name).write_bytes(body)
    files = fetch_source(small_source([], checks_content=False), tmp_path)
    assert {file.check_result for file in files} == {NOT_CHECKED}
    files = fetch_source(small_source([], checks_content=True), tmp_path)
    assert {file.check_result for file in files} == {MATCHES_CONTENT}


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_damaged_file_is_set_aside_for_a_good_one(mirrors: Mirrors, tmp_path: Path, suffix: str) -> None:
    damaged = tmp_path / "mnist" / f"{FILE_NAMES[0]}{suffix}"
    damaged.parent.mkdir()
    damaged.write_bytes(b"somebody's own")
    source = small_source([mirrors.url("good")])
    first, *_ = fetch_source(source, tmp_path)
    assert first.renamed_path is not None
    assert first.renamed_path.read_bytes() == b"somebody's own"
    assert left(tmp_path) == ZIPPED | {first.renamed_path.name}
    assert len(load(source, tmp_path).training) == 40


def test_a_damaged_file_stays_where_no_good_one_is_to_be_had(mirrors: Mirrors, tmp_path: Path) -> None:
    damaged = tmp_path / "mnist" / f"{FILE_NAMES[0]}.gz"
    damaged.parent.mkdir()
    damaged.write_bytes(b"somebody's own")
    with pytest.raises(FieldError):
        fetch_source(small_source([mirrors.url("missing")]), tmp_path)
    assert damaged.read_bytes() == b"somebody's own"
    assert left(tmp_path) == {damaged.name}


def test_another_gzip_of_the_same_bytes_passes_an_unpacked_checksum(mirrors: Mirrors, tmp_path: Path) -> None:
    assert zipped(level=1)[f"{FILE_NAMES[0]}.gz"] != zipped()[f"{FILE_NAMES[0]}.gz"]
    fetch_source(small_source([mirrors.url("rewrapped")], checks_content=True), tmp_path / "a")
    assert left(tmp_path / "a") == ZIPPED
    with pytest.raises(FieldError, match="another checksum than the published one"):
        fetch_source(small_source([mirrors.url("rewrapped")], checks_content=False), tmp_path / "b")
    assert left(tmp_path / "b") == set()


def test_a_file_that_was_unpacked_on_the_way_loads(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("encoded")])
    fetch_source(source, tmp_path)
    assert len(load(source, tmp_path).training) == 40


BAD = {
    "missing": "answers 404 Not Found",
    "broken": "answers 500 Internal Server Error",
    "cut": "ended after",
    "cut-no-length": "sent a damaged gzip file",
    "wrong": "sent a file with another checksum",
    "rubbish": "sent a file with another checksum",
    "endless": "sends more than",
    "closes": "closed the connection without an answer",
    "no-http": "sends an answer that is not HTTP",
    "silent": "gave no answer in time",
    "stalls": "sent nothing more for 1 seconds",
    "trickles": "sent nothing more for 1 seconds",
}


@pytest.mark.parametrize("manner", BAD)
def test_a_bad_mirror_is_named_with_its_reason_and_leaves_nothing(
    mirrors: Mirrors, tmp_path: Path, manner: str
) -> None:
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url(manner)]), tmp_path, timeouts=SHORT)
    message = str(caught.value)
    assert caught.value.field == "dataset"
    assert f"{manner} ({mirrors.url(manner)}) {BAD[manner]}" in message
    assert "regscope data fetch mnist" in message
    assert "digits work without a network" in message
    assert ("offline" in message) == (manner == "silent")
    assert left(tmp_path) == set()


@pytest.mark.parametrize("manner", BAD)
def test_a_bad_mirror_leads_to_the_next_and_is_not_asked_again(mirrors: Mirrors, tmp_path: Path, manner: str) -> None:
    source = small_source([mirrors.url(manner), mirrors.url("good")])
    files = fetch_source(source, tmp_path, timeouts=SHORT)
    assert {file.mirror.name for file in files if file.mirror} == {"good"}
    assert left(tmp_path) == ZIPPED
    asked = [path for path in mirrors.asked if path.startswith(f"/{manner}/")]
    assert asked == [f"/{manner}/{FILE_NAMES[0]}.gz"]


def test_a_mirror_that_takes_too_long_in_all_is_left(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("slow")])
    with pytest.raises(FieldError, match=r"slow .* was not done after 2 seconds"):
        fetch_source(source, tmp_path, timeouts=Timeouts(2.0, 2.0, 5.0, 2.0))
    assert left(tmp_path) == set()


def test_all_mirrors_are_tried_and_named(mirrors: Mirrors, tmp_path: Path) -> None:
    manners = ["missing", "broken", "wrong", "cut"]
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url(manner) for manner in manners]), tmp_path)
    assert [path.split("/")[1] for path in mirrors.asked] == manners
    assert all(f"{manner} ({mirrors.url(manner)}) {BAD[manner]}" in str(caught.value) for manner in manners)


def test_without_a_connection_it_says_that_the_machine_is_offline(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/closed/"
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([url]), tmp_path)
    assert f"closed ({url}) refuses the connection" in str(caught.value)
    assert "this machine seems to be offline" in str(caught.value)
    assert left(tmp_path) == set()


def test_without_names_it_says_that_the_machine_is_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_names(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source(["http://mirror.invalid/a/", "https://mirror.invalid/b/"]), tmp_path)
    assert str(caught.value).count("has a name that cannot be looked up") == 2
    assert "this machine seems to be offline" in str(caught.value)


def test_a_mirror_whose_encryption_fails_is_told_apart_from_one_that_is_away(mirrors: Mirrors, tmp_path: Path) -> None:
    url = mirrors.url("good").replace("http:", "https:")
    with pytest.raises(FieldError, match=r"fails in its encryption or its certificate \([A-Z_0-9]+\)"):
        fetch_source(small_source([url]), tmp_path)


def test_a_proxy_that_fails_is_blamed_and_not_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(FieldError, match="is behind a proxy that fails") as caught:
        fetch_source(small_source(["http://mirror.invalid/a/"]), tmp_path)
    assert "offline" not in str(caught.value)


def test_a_gzip_that_unpacks_without_end_is_refused(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.download.fetching.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(FieldError, match="sent a damaged gzip file"):
        fetch_source(small_source([mirrors.url("good")]), tmp_path)
    assert left(tmp_path) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is what a full disk is made of here: Linux")
def test_a_full_disk_is_said_and_not_blamed_on_the_mirror(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.open

    def on_a_full_disk(path: Path, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        return open("/dev/full", "wb") if mode == "xb" else whole(path, mode, *arguments, **more)

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url("good"), mirrors.url("missing")]), tmp_path)
    assert "No space left on device" in str(caught.value)
    assert "free " in str(caught.value)
    assert "REGSCOPE_DATA" in str(caught.value)
    assert len(mirrors.asked) == 1
    assert left(tmp_path) == set()


@pytest.mark.parametrize("kind", ["read-only", "file"])
def test_a_folder_that_cannot_be_written_is_named_before_anything_is_asked(
    mirrors: Mirrors, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "data"
    if kind == "file":
        folder.write_text("no folder")
    else:
        folder.mkdir()
        folder.chmod(0o555)
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url("good")]), folder)
    assert str(folder / "mnist") in str(caught.value)
    assert "REGSCOPE_DATA" in str(caught.value)
    assert mirrors.asked == []


def test_an_interruption_leaves_nothing(mirrors: Mirrors, tmp_path: Path) -> None:
    def interrupt(name: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_source(small_source([mirrors.url("stalls")]), tmp_path, interrupt)
    assert left(tmp_path) == set()


def test_fetch_goes_by_name_into_the_data_folder(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    monkeypatch.setitem(SOURCES, "kmnist", small_source([mirrors.url("good")], name="kmnist"))
    assert {found.name: found.is_present for found in downloadable_datasets()} == dict.fromkeys(SOURCES, False)
    fetch("kmnist")
    assert {path.name for path in (tmp_path / "kmnist").glob("*.gz")} == ZIPPED
    assert [found.name for found in downloadable_datasets() if found.is_present] == ["kmnist"]
    with pytest.raises(FieldError, match="must be one of mnist, fashion-mnist, kmnist to be downloaded, got 'digits'"):
        fetch("digits")


def test_the_published_checksums_are_sha_256_and_all_different() -> None:
    files = [file for source in SOURCES.values() for file in source.files]
    assert {len(bytes.fromhex(file.sha256)) for file in files} == {32}
    assert len({file.sha256 for file in files}) == len(files) == 12
    for source in SOURCES.values():
        assert [file.name for file in source.files] == list(FILE_NAMES)
        assert all(mirror.url.endswith("/") for mirror in source.mirrors)
        assert len(source.mirrors) >= 2


@pytest.mark.mnist
def test_mnist_in_the_data_folder_is_as_published(mnist: object) -> None:
    assert {file.check_result for file in fetch("mnist")} == {MATCHES_CONTENT}


def test_gzip_files_of_several_members_are_read_to_their_end(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([])
    (tmp_path / "mnist").mkdir()
    for name, body in contents().items():
        halves = gzip.compress(body[:100]) + gzip.compress(body[100:])
        (tmp_path / "mnist" / f"{name}.gz").write_bytes(halves)
    assert all(file.mirror is None for file in fetch_source(source, tmp_path))
