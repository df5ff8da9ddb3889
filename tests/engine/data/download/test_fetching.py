"""Downloads from correct and incorrect servers: correct files are stored, otherwise an error gives the reason."""

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
from tests.engine.data.family import Mirrors, contents, file_names, small_source, zipped
from tests.processes import free_port

SHORT_TIMEOUTS = Timeouts(connection=2.0, response_start=2.0, pause=1.0, total_time=60.0)
pytestmark = pytest.mark.usefixtures("small_family")
ZIPPED_NAMES = {f"{name}.gz" for name in FILE_NAMES}


@pytest.mark.parametrize("checks_content", [True, False])
def test_files_are_downloaded_checked_and_loaded(mirrors: Mirrors, tmp_path: Path, checks_content: bool) -> None:
    source = small_source([mirrors.url("good")], checks_content)
    files = fetch_source(source, tmp_path)
    assert file_names(tmp_path) == ZIPPED_NAMES
    for name, body in zipped().items():
        assert (tmp_path / "mnist" / name).read_bytes() == body
    assert [file.path.name for file in files] == [f"{name}.gz" for name in FILE_NAMES]
    assert {file.mirror.name for file in files if file.mirror} == {"good"}
    assert {file.check_result for file in files} == {MATCHES_CONTENT if checks_content else MATCHES_GZIP}
    dataset = load(source, tmp_path)
    pixels = np.frombuffer(contents()[FILE_NAMES[0]][16:], np.uint8).reshape(60, 784)
    assert (dataset.training.x == pixels[:40].astype(np.float64) / 256).all()


def test_progress_ends_with_every_byte_of_every_file(mirrors: Mirrors, tmp_path: Path) -> None:
    progress: list[tuple[str, int, int | None]] = []
    fetch_source(small_source([mirrors.url("good")]), tmp_path, lambda *values: progress.append(values))
    last = {name: (done, total) for name, done, total in progress}
    assert last == {name: (len(body), len(body)) for name, body in zipped().items()}
    for name in ZIPPED_NAMES:
        done = [bytes_done for of, bytes_done, _ in progress if of == name]
        assert done == sorted(done)


def test_without_a_content_length_the_total_is_none(mirrors: Mirrors, tmp_path: Path) -> None:
    totals = set()
    fetch_source(small_source([mirrors.url("no-length")]), tmp_path, lambda name, done, total: totals.add(total))
    assert totals == {None}
    assert file_names(tmp_path) == ZIPPED_NAMES


def test_existing_files_are_not_downloaded_again(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("good")])
    fetch_source(source, tmp_path)
    (tmp_path / "mnist" / f"{FILE_NAMES[2]}.gz").unlink()
    before = len(mirrors.requested_paths)
    files = fetch_source(source, tmp_path)
    assert mirrors.requested_paths[before:] == [f"/good/{FILE_NAMES[2]}.gz"]
    assert [file.mirror is None for file in files] == [True, True, False, True]


def test_a_complete_folder_can_be_read_only(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("good")])
    fetch_source(source, tmp_path)
    (tmp_path / "mnist" / ".lock").unlink()
    (tmp_path / "mnist").chmod(0o555)
    try:
        assert len(fetch_source(source, tmp_path)) == 4
        assert not (tmp_path / "mnist" / ".lock").exists()
    finally:
        (tmp_path / "mnist").chmod(0o755)


def test_unpacked_files_without_a_checksum_are_kept_as_not_checked(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    for name, body in contents().items():
        (tmp_path / "mnist" / name).write_bytes(body)
    files = fetch_source(small_source([], checks_content=False), tmp_path)
    assert {file.check_result for file in files} == {NOT_CHECKED}
    files = fetch_source(small_source([], checks_content=True), tmp_path)
    assert {file.check_result for file in files} == {MATCHES_CONTENT}


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_damaged_file_is_renamed_and_replaced(mirrors: Mirrors, tmp_path: Path, suffix: str) -> None:
    damaged = tmp_path / "mnist" / f"{FILE_NAMES[0]}{suffix}"
    damaged.parent.mkdir()
    damaged.write_bytes(b"other content")
    source = small_source([mirrors.url("good")])
    first, *_ = fetch_source(source, tmp_path)
    assert first.renamed_path is not None
    assert first.renamed_path.read_bytes() == b"other content"
    assert file_names(tmp_path) == ZIPPED_NAMES | {first.renamed_path.name}
    assert len(load(source, tmp_path).training) == 40


def test_a_damaged_file_is_kept_if_the_download_fails(mirrors: Mirrors, tmp_path: Path) -> None:
    damaged = tmp_path / "mnist" / f"{FILE_NAMES[0]}.gz"
    damaged.parent.mkdir()
    damaged.write_bytes(b"other content")
    with pytest.raises(FieldError):
        fetch_source(small_source([mirrors.url("missing")]), tmp_path)
    assert damaged.read_bytes() == b"other content"
    assert file_names(tmp_path) == {damaged.name}


def test_a_checksum_of_the_content_accepts_another_compression(mirrors: Mirrors, tmp_path: Path) -> None:
    assert zipped(level=1)[f"{FILE_NAMES[0]}.gz"] != zipped()[f"{FILE_NAMES[0]}.gz"]
    fetch_source(small_source([mirrors.url("rewrapped")], checks_content=True), tmp_path / "a")
    assert file_names(tmp_path / "a") == ZIPPED_NAMES
    with pytest.raises(FieldError, match="another checksum than the published one"):
        fetch_source(small_source([mirrors.url("rewrapped")], checks_content=False), tmp_path / "b")
    assert file_names(tmp_path / "b") == set()


def test_a_file_unpacked_by_the_http_library_is_loaded(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("encoded")])
    fetch_source(source, tmp_path)
    assert len(load(source, tmp_path).training) == 40


BAD_MIRRORS = {
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
    "stalls": "sent nothing more for 1 s",
    "trickles": "sent nothing more for 1 s",
}


@pytest.mark.parametrize("behavior", BAD_MIRRORS)
def test_a_bad_mirror_gives_an_error_with_the_reason_and_no_files(
    mirrors: Mirrors, tmp_path: Path, behavior: str
) -> None:
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url(behavior)]), tmp_path, timeouts=SHORT_TIMEOUTS)
    message = str(caught.value)
    assert caught.value.field == "dataset"
    assert f"{behavior} ({mirrors.url(behavior)}) {BAD_MIRRORS[behavior]}" in message
    assert "regscope data fetch mnist" in message
    assert "digits work without a network" in message
    assert ("offline" in message) == (behavior == "silent")
    assert file_names(tmp_path) == set()


@pytest.mark.parametrize("behavior", BAD_MIRRORS)
def test_after_an_error_only_the_next_mirror_is_used(mirrors: Mirrors, tmp_path: Path, behavior: str) -> None:
    source = small_source([mirrors.url(behavior), mirrors.url("good")])
    files = fetch_source(source, tmp_path, timeouts=SHORT_TIMEOUTS)
    assert {file.mirror.name for file in files if file.mirror} == {"good"}
    assert file_names(tmp_path) == ZIPPED_NAMES
    requests = [path for path in mirrors.requested_paths if path.startswith(f"/{behavior}/")]
    assert requests == [f"/{behavior}/{FILE_NAMES[0]}.gz"]


def test_a_mirror_over_the_total_time_is_given_up(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([mirrors.url("slow")])
    with pytest.raises(FieldError, match=r"slow .* was not done after 2 s"):
        fetch_source(source, tmp_path, timeouts=Timeouts(2.0, 2.0, 5.0, 2.0))
    assert file_names(tmp_path) == set()


def test_all_mirrors_are_tried_and_are_in_the_error(mirrors: Mirrors, tmp_path: Path) -> None:
    behaviors = ["missing", "broken", "wrong", "cut"]
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url(behavior) for behavior in behaviors]), tmp_path)
    assert [path.split("/")[1] for path in mirrors.requested_paths] == behaviors
    assert all(
        f"{behavior} ({mirrors.url(behavior)}) {BAD_MIRRORS[behavior]}" in str(caught.value) for behavior in behaviors
    )


def test_a_refused_connection_gives_an_error_about_being_offline(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/closed/"
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([url]), tmp_path)
    assert f"closed ({url}) refuses the connection" in str(caught.value)
    assert "this machine seems to be offline" in str(caught.value)
    assert file_names(tmp_path) == set()


def test_a_failed_name_lookup_gives_an_error_about_being_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_names(*arguments: Any, **more: Any) -> Any:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source(["http://mirror.invalid/a/", "https://mirror.invalid/b/"]), tmp_path)
    assert str(caught.value).count("has a name that cannot be looked up") == 2
    assert "this machine seems to be offline" in str(caught.value)


def test_a_tls_error_is_reported_as_such(mirrors: Mirrors, tmp_path: Path) -> None:
    url = mirrors.url("good").replace("http:", "https:")
    with pytest.raises(FieldError, match=r"fails in its encryption or its certificate \([A-Z_0-9]+\)"):
        fetch_source(small_source([url]), tmp_path)


def test_a_failing_proxy_is_reported_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(FieldError, match="is behind a proxy that fails") as caught:
        fetch_source(small_source(["http://mirror.invalid/a/"]), tmp_path)
    assert "offline" not in str(caught.value)


def test_a_gzip_file_beyond_the_unpacked_limit_is_refused(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.download.fetching.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(FieldError, match="sent a damaged gzip file"):
        fetch_source(small_source([mirrors.url("good")]), tmp_path)
    assert file_names(tmp_path) == set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="uses /dev/full of Linux as a full disk")
def test_a_full_disk_is_reported_and_no_other_mirror_is_tried(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original_open = Path.open

    def on_a_full_disk(path: Path, mode: str = "r", *arguments: Any, **more: Any) -> Any:
        return open("/dev/full", "wb") if mode == "xb" else original_open(path, mode, *arguments, **more)

    monkeypatch.setattr(Path, "open", on_a_full_disk)
    with pytest.raises(FieldError) as caught:
        fetch_source(small_source([mirrors.url("good"), mirrors.url("missing")]), tmp_path)
    assert "No space left on device" in str(caught.value)
    assert "free " in str(caught.value)
    assert "REGSCOPE_DATA" in str(caught.value)
    assert len(mirrors.requested_paths) == 1
    assert file_names(tmp_path) == set()


@pytest.mark.parametrize("kind", ["read-only", "file"])
def test_a_read_only_folder_is_reported_before_any_request(mirrors: Mirrors, tmp_path: Path, kind: str) -> None:
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
    assert mirrors.requested_paths == []


def test_an_interrupted_download_leaves_no_files(mirrors: Mirrors, tmp_path: Path) -> None:
    def interrupt(name: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_source(small_source([mirrors.url("stalls")]), tmp_path, interrupt)
    assert file_names(tmp_path) == set()


def test_fetch_downloads_by_name_into_the_data_folder(
    mirrors: Mirrors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGSCOPE_DATA", str(tmp_path))
    monkeypatch.setitem(SOURCES, "kmnist", small_source([mirrors.url("good")], name="kmnist"))
    assert {found.name: found.is_present for found in downloadable_datasets()} == dict.fromkeys(SOURCES, False)
    fetch("kmnist")
    assert {path.name for path in (tmp_path / "kmnist").glob("*.gz")} == ZIPPED_NAMES
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
def test_mnist_in_the_data_folder_has_the_published_checksums(mnist: object) -> None:
    assert {file.check_result for file in fetch("mnist")} == {MATCHES_CONTENT}


def test_gzip_files_with_several_members_are_read_completely(mirrors: Mirrors, tmp_path: Path) -> None:
    source = small_source([])
    (tmp_path / "mnist").mkdir()
    for name, body in contents().items():
        halves = gzip.compress(body[:100]) + gzip.compress(body[100:])
        (tmp_path / "mnist" / f"{name}.gz").write_bytes(halves)
    assert all(file.mirror is None for file in fetch_source(source, tmp_path))
