"""The host names that the server allows, and loopback addresses."""

from __future__ import annotations

import tomllib

import pytest

from dashboard.access.hosts import ANY_HOST, LOOPBACK, Hosts, host_name, hosts_of, is_loopback
from tests.dashboard.serving import ROOT

LOCAL = hosts_of("127.0.0.1")
OPEN = hosts_of("0.0.0.0")


def test_the_options_file_has_the_same_hosts_as_the_code():
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    assert tuple(options["allowedHosts"]) == LOOPBACK


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "localhost.:80", "127.0.0.1:8501", "[::1]:8501", "[::1]"]
)
def test_host_names_of_this_machine_are_allowed(host):
    assert LOCAL.allow(host)
    assert OPEN.allow(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        ":8501",
        "rebound.example",
        "rebound.example:8501",
        "localhost.rebound.example",
        "127.0.0.1.rebound.example",
        "localhost@rebound.example",
        "rebound.example@localhost",
        "localhost/rebound.example",
        "localhost?rebound.example",
        "localhost:http",
        "localhost:99999",
        "[::1",
        "localhost rebound.example",
        "xlocalhost",
    ],
)
def test_other_and_invalid_hosts_are_refused(host):
    assert not LOCAL.allow(host)
    assert not OPEN.allow(host)


def test_an_ip_address_is_allowed_only_if_the_server_answers_other_machines():
    for host in ("192.168.1.5:8501", "10.0.0.1", "[fe80::1]:8501"):
        assert OPEN.allow(host)
        assert not LOCAL.allow(host)


def test_the_address_and_the_allowed_hosts_of_a_server_are_allowed():
    hosts = hosts_of("Lab.Example.org", ["Proxy.example.net", "*.course.example", "with.path/app"])
    for host in ("lab.example.org:8501", "proxy.example.net", "a.course.example", "a.b.course.example:1", "with.path"):
        assert hosts.allow(host)
    for host in ("course.example", "notcourse.example", "example.org"):
        assert not hosts.allow(host)


def test_a_server_for_other_machines_allows_the_name_of_its_machine(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Lab7.example.org")
    for host in ("lab7:8501", "lab7.local", "lab7.example.org"):
        assert hosts_of("0.0.0.0").allow(host)
        assert not hosts_of("127.0.0.1").allow(host)


def test_a_star_allows_every_valid_host():
    assert hosts_of("127.0.0.1", [ANY_HOST]).allow("anything.example")
    assert not hosts_of("127.0.0.1", [ANY_HOST]).allow("any/thing")


def test_streamlit_gets_the_names_or_a_star_if_it_cannot_express_them():
    assert LOCAL.streamlit_names == list(LOOPBACK)
    assert OPEN.streamlit_names == [ANY_HOST], "the guard in front of Streamlit refuses foreign names"
    assert Hosts(("one",), any_address=False).streamlit_names == ["one"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LocalHost.", "::ffff:127.0.0.1"])
def test_a_loopback_address_is_recognized(address):
    assert is_loopback(address)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.5", "lab.example.org", "::ffff:10.0.0.1"])
def test_every_other_address_is_not_a_loopback_address(address):
    assert not is_loopback(address)


def test_the_name_in_a_host_header_has_no_port():
    assert host_name("A.example.:8501") == "a.example"
    assert host_name("[::1]:8501") == "::1"
