"""`seedling models connect` where somebody types the key; and thoughts, where somebody looks on."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator

import pytest
from fake_servers import FakeLlamaCpp
from memory_keyring import MemoryKeyring

from app.engine_client import _environment
from engine import keys, vault
from engine.commands import chat, models
from engine.errors import EngineError
from engine.events import ThinkingDelta
from engine.jobs import JobContext
from engine.providers import provider_keys, provider_list
from engine.providers.base import Provider

KEY = "sk-typed-by-somebody"
PASSPHRASE = "a passphrase"


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "memory_keyring.MemoryKeyring")
    monkeypatch.setattr(vault, "_COST", 2)
    keys._backend.cache_clear()
    yield
    keys._backend.cache_clear()
    MemoryKeyring.kept.clear()
    vault.close()


def connect(monkeypatch: pytest.MonkeyPatch, address: str, typed: list[str], *more: str) -> None:
    """With somebody at the terminal, who types `typed`."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed.pop(0))
    parser = argparse.ArgumentParser()
    models.add_arguments(parser)
    args = parser.parse_args(["connect", address, "--name", "mine", *more])
    args.context = JobContext()
    list(models.run(args))


@pytest.mark.parametrize(("place", "typed"), [("keyring", [KEY]), ("vault", [KEY, PASSPHRASE])])
def test_a_key_that_is_typed_is_kept_where_it_was_said(
    monkeypatch: pytest.MonkeyPatch, place: str, typed: list[str]
) -> None:
    with FakeLlamaCpp(models=["small"], key=KEY) as server:
        connect(monkeypatch, server.url, typed, "--keep", place)
    provider = provider_list.find("mine").provider
    assert (provider.key_place, provider_keys.key(provider), typed) == (place, KEY, [])
    assert (KEY in MemoryKeyring.kept.values(), vault.exists()) == (place == "keyring", place == "vault")


@pytest.mark.parametrize(("place", "typed"), [("keyring", ["sk-wrong"]), ("vault", [KEY, "short"])])
def test_where_that_fails_nothing_is_connected(monkeypatch: pytest.MonkeyPatch, place: str, typed: list[str]) -> None:
    with FakeLlamaCpp(models=["small"], key=KEY) as server, pytest.raises(EngineError):
        connect(monkeypatch, server.url, typed, "--keep", place)
    assert provider_list.read() == {}
    assert not MemoryKeyring.kept


def test_a_variable_with_a_key_is_kept_from_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_LOGIN", KEY)
    assert _environment().value("MY_LOGIN") == KEY  # nobody could know
    provider_list.add(Provider("mine", "compatible", "https://api.example.com/v1", "env:MY_LOGIN"))
    assert not _environment().contains("MY_LOGIN")


@pytest.mark.parametrize("looks_on", [True, False])
def test_thoughts_are_dim_beside_the_reply(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], looks_on: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: looks_on)
    chat.show(ThinkingDelta("Hm\x1b[2J."))
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == ("\x1b[2mHm\ufffd[2J.\x1b[0m" if looks_on else "")
