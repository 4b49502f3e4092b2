"""Addresses as people write them, and how far each is, told without asking anybody."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.providers import reach


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:8080", "http://localhost:8080"),
        (" http://LocalHost:8080/ ", "http://localhost:8080"),
        ("127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("http://[::]:8000/v1/", "http://[::1]:8000/v1"),
        ("[::1]:80", "http://[::1]"),
        ("192.168.0.7:1234", "http://192.168.0.7:1234"),
        ("nas.local", "http://nas.local"),
        ("api.example.com/v1", "https://api.example.com/v1"),
        ("api.example.com:443", "https://api.example.com"),
        ("http://api.example.com:80", "http://api.example.com"),
        ("https://API.Example.com./openai//", "https://api.example.com/openai"),
        ("bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_made_regular(text: str, address: str) -> None:
    assert reach.checked(text) == address
    assert reach.checked(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "http://", "https:///v1", "ftp://host", "file:///etc/passwd", "javascript://x", "two words",
        "http://user@host", "http://user:secret@host", "host?key=1", "host#x", "host:0", "host:99999", "host:x",
        "http://2130706433", "http://0x7f.1", "http://127.1", "http://1.2.3", "http://1.2.3.4.5", "http://256.1.1.1",
        "http://[::1", "http://[fe80::1%25eth0]:80", "http://-x.example", "http://a..b", "http://ex%61mple.com",
        "http://host\\@evil", "http://host/\r\nX: 1", "http://host\t.example", "x" * 501,
        "http://" + "a" * 64 + ".example", "http://host/ü",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_server(text: str) -> None:
    with pytest.raises(EngineError) as raised:
        reach.checked(text)
    assert raised.value.code == "provider_bad_address"


def test_a_password_that_was_typed_is_in_no_error_but_the_address_itself() -> None:
    with pytest.raises(EngineError) as raised:
        reach.checked("http://host:80\n" * 100)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    ("address", "far"),
    [
        ("http://localhost:1", "machine"),
        ("http://api.localhost", "machine"),
        ("http://127.8.9.1", "machine"),
        ("http://[::1]:1", "machine"),
        ("http://[::ffff:127.0.0.1]", "machine"),
        ("http://10.0.0.1", "network"),
        ("http://172.31.0.1", "network"),
        ("http://192.168.1.1", "network"),
        ("http://169.254.1.1", "network"),
        ("http://[fe80::1]", "network"),
        ("http://[fd00::1]", "network"),
        ("http://nas", "network"),
        ("http://printer.local", "network"),
        ("http://box.home.arpa", "network"),
        ("http://172.32.0.1", "internet"),
        ("http://8.8.8.8", "internet"),
        ("http://100.64.0.1", "internet"),
        ("http://[2001:db8::1]", "internet"),
        ("http://[::ffff:8.8.8.8]", "internet"),
        ("http://localhost.example.com", "internet"),
        ("http://127.0.0.1.example.com", "internet"),
        ("http://notlocalhost.localdomain", "internet"),
        ("https://api.openai.com/v1", "internet"),
    ],
)
def test_how_far_an_address_is(address: str, far: str) -> None:
    assert reach.reach(address) == far


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"(https?://)?[a-z0-9.:\[\]@%/-]{1,30}", fullmatch=True))
def test_whatever_is_typed_is_an_address_or_a_sentence(text: str) -> None:
    with contextlib.suppress(EngineError):
        address = reach.checked(text)
        assert reach.checked(address) == address
        assert reach.reach(address) in ("machine", "network", "internet")


def test_no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("asked"))
    assert reach.reach(reach.checked("https://api.example.com")) == "internet"


def test_who_has_nothing_leave_asks_only_this_machine(home: Path) -> None:
    reach.check_allowed("far", "https://api.example.com")
    (home / "settings.json").write_text(json.dumps({"stay_here": True}))
    reach.check_allowed("here", "http://127.0.0.1:80")
    for address in ("https://api.example.com", "http://192.168.0.1", "http://nas.local"):
        with pytest.raises(EngineError, match="so far is not asked") as raised:
            reach.check_allowed("far", address)
        assert raised.value.code == "provider_stays"


def test_a_window_may_import_them_at_no_cost() -> None:
    code = (
        "import sys, engine.providers.reach, engine.providers.provider_list, engine.providers.provider_keys\n"
        "print(*{'keyring', 'cryptography', 'httpx2', 'openai', 'anthropic', 'torch', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
