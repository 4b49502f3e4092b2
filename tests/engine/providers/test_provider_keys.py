"""Keys of providers: where each is kept, that it belongs to an address, and that it shows nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from memory_keyring import LockedKeyring, MemoryKeyring

from engine import keys, vault
from engine.errors import EngineError
from engine.providers import provider_keys, provider_list
from engine.providers.base import Provider

CANARY = "sk-canaryQWERTY0123456789"
API = Provider("api", "openai", "https://api.example.com/v1")


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A keyring in memory, and an encrypted file that opens at once; nothing of either afterwards."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "memory_keyring.MemoryKeyring")
    monkeypatch.setattr(vault, "_COST", 2)
    keys._backend.cache_clear()
    yield
    keys._backend.cache_clear()
    keys._for_this_run.clear()
    MemoryKeyring.kept.clear()
    vault.close()


@pytest.mark.parametrize("place", ["keyring", "run", "vault"])
def test_a_key_is_kept_found_and_forgotten(place: str, home: Path) -> None:
    vault.open("a passphrase")
    kept = provider_keys.keep(API, f" {CANARY}\n", place)
    assert kept == replace(API, key_place=place)
    provider_list.add(kept)
    assert provider_keys.key(provider_list.find("api").provider) == CANARY
    assert (("Seedling: model provider", "https://api.example.com") in MemoryKeyring.kept) is (place == "keyring")
    provider_keys.forget(kept)
    with pytest.raises(EngineError) as raised:
        provider_keys.key(kept)
    assert raised.value.code == "provider_key_missing"
    provider_keys.forget(kept)
    assert not [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_a_variable_has_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", CANARY)
    kept = provider_keys.keep(API, "", "env:MY_KEY")
    assert provider_keys.key(kept) == CANARY
    provider_keys.forget(kept)
    assert provider_keys.key(kept) == CANARY
    for name, value in (("MY_KEY", ""), ("MY_KEY", " "), ("NONE", ""), ("", ""), ("A B", "x"), ("A=B", "x")):
        if name == "MY_KEY":
            monkeypatch.setenv(name, value)
        with pytest.raises(EngineError) as raised:
            provider_keys.key(replace(API, key_place=f"env:{name}"))
        assert raised.value.code == "key_variable_empty"
    monkeypatch.setenv("MY_KEY", "two words")
    with pytest.raises(EngineError) as raised:
        provider_keys.key(kept)
    assert raised.value.code == "secret_unusable"
    assert "words" not in str(raised.value)


def test_without_a_key_none_is_looked_for() -> None:
    assert provider_keys.key(API) is None
    assert provider_keys.keep(API, "", "") == API
    provider_keys.forget(API)


def test_a_key_belongs_to_an_address() -> None:
    """Whoever writes another address behind a name gets no key with it."""
    kept = provider_keys.keep(API, CANARY, "keyring")
    for address in ("https://evil.example", "https://api.example.com:444", "http://api.example.com"):
        with pytest.raises(EngineError) as raised:
            provider_keys.key(replace(kept, address=address))
        assert raised.value.code == "provider_key_missing"
    assert provider_keys.key(replace(kept, name="other", address="https://api.example.com/v2")) == CANARY


@pytest.mark.parametrize("place", ["keyring", "run", "vault", "env:MY_KEY"])
def test_no_key_is_kept_for_a_way_that_others_read(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", CANARY)
    with pytest.raises(EngineError) as raised:
        provider_keys.keep(replace(API, address="http://api.example.com"), CANARY, place)
    assert raised.value.code == "provider_plain"
    assert not MemoryKeyring.kept
    provider_keys.keep(replace(API, address="http://127.0.0.1:1"), CANARY, "run")


def test_what_cannot_be_kept_is_told() -> None:
    with pytest.raises(EngineError) as raised:
        provider_keys.keep(API, CANARY, "vault")
    assert raised.value.code == "vault_closed"
    for place in ("keyring", "run", "vault"):
        with pytest.raises(EngineError) as raised:
            provider_keys.keep(API, "two words", place)
        assert raised.value.code == "secret_unusable"
    with pytest.raises(EngineError) as raised:
        provider_keys.key(replace(API, key_place="vault"))
    assert raised.value.code == "vault_closed"


@pytest.mark.parametrize(
    ("place", "other", "stays"),
    [("keyring", "keyring", True), ("keyring", "run", True), ("keyring", "", False), ("vault", "vault", True),
     ("vault", "keyring", False), ("run", "vault", False)],
)  # fmt: skip
def test_disconnecting_forgets_a_key_that_nobody_else_needs(place: str, other: str, stays: bool) -> None:
    vault.open("a passphrase")
    kept = provider_keys.keep(API, CANARY, place)
    provider_list.add(kept)
    provider_list.add(replace(kept, name="other", address="https://api.example.com/v2", key_place=other))
    assert provider_keys.disconnect("api") is None
    assert list(provider_list.read()) == ["other"]
    if stays:
        assert provider_keys.key(kept) == CANARY
        provider_keys.disconnect("other")
    with pytest.raises(EngineError, match="key"):
        provider_keys.key(kept)
    with pytest.raises(EngineError) as raised:
        provider_keys.disconnect("api")
    assert raised.value.code == "provider_unknown"


def test_a_key_that_cannot_be_forgotten_is_told_of_one_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    provider_list.add(provider_keys.keep(API, CANARY, "keyring"))
    with monkeypatch.context() as patch:
        patch.setattr(keys, "_backend", LockedKeyring)
        error = provider_keys.disconnect("api")
    assert error is not None
    assert error.code == "keyring_failed"
    assert provider_list.read() == {}
