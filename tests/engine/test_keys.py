"""Secrets: kept in the keyring or for this run, never anywhere else, and never waited for too long."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from memory_keyring import MemoryKeyring, SilentKeyring

from engine import keys, log
from engine.errors import EngineError

CANARY = "hf_canaryQWERTY0123456789"


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The keyring in memory, and nothing left of it afterwards."""
    _use(monkeypatch, "memory_keyring.MemoryKeyring")
    yield
    keys._backend.cache_clear()
    keys._for_this_run.clear()
    MemoryKeyring.kept.clear()


def _use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    keys._backend.cache_clear()


def test_a_secret_is_kept_found_and_deleted() -> None:
    assert keys.get("model hub", "huggingface.co") is None
    keys.set("model hub", "huggingface.co", f" {CANARY}\n")
    assert keys.get("model hub", "huggingface.co") == CANARY
    assert keys.get("model hub", "mirror.example") is None
    assert list(MemoryKeyring.kept) == [("Seedling: model hub", "huggingface.co")]
    assert keys.delete("model hub", "huggingface.co")
    assert not keys.delete("model hub", "huggingface.co")
    assert keys.get("model hub", "huggingface.co") is None


def test_for_this_run_means_in_memory_alone() -> None:
    keys.set_for_this_run("openai", "me", CANARY)
    assert keys.get("openai", "me") == CANARY
    assert not MemoryKeyring.kept
    keys.set("openai", "me", "another")  # from now on the keyring's
    assert keys.get("openai", "me") == "another"
    keys.set_for_this_run("openai", "me", CANARY)
    assert keys.delete("openai", "me")
    assert keys.get("openai", "me") is None


@pytest.mark.parametrize("secret", ["", "   ", "two words", "line\r\nX-Header: 1", "Schlüssel", "\0", "x" * 1001])
def test_what_cannot_stand_in_a_request_is_no_secret(secret: str) -> None:
    for keep in (keys.set, keys.set_for_this_run):
        with pytest.raises(EngineError) as raised:
            keep("model hub", "me", secret)
        assert raised.value.code == "secret_unusable"
    assert not MemoryKeyring.kept
    assert keys.get("model hub", "me") is None


@pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_without_a_keyring_a_secret_can_be_kept_for_this_run(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    _use(monkeypatch, backend)
    for ask in (lambda: keys.get("model hub", "me"), lambda: keys.set("model hub", "me", CANARY)):
        with pytest.raises(EngineError, match="for this run only") as raised:
            ask()
        assert raised.value.code == "keyring_none"
    keys.set_for_this_run("model hub", "me", CANARY)
    assert keys.get("model hub", "me") == CANARY
    assert keys.delete("model hub", "me")


def test_keyrings_that_only_happen_to_be_installed_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """`keyrings.alt` brings some that write plain files."""
    import keyring.backend

    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    keys._backend.cache_clear()
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [MemoryKeyring()])
    with pytest.raises(EngineError) as raised:
        keys.set("model hub", "me", CANARY)
    assert raised.value.code == "keyring_none"
    assert not MemoryKeyring.kept


def test_a_keyring_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, "memory_keyring.SilentKeyring")
    monkeypatch.setattr(keys, "LIMIT_S", 0.1)
    SilentKeyring.wake.clear()
    SilentKeyring.asked.clear()
    for _ in range(3):
        with pytest.raises(EngineError) as raised:
            keys.get("model hub", "me")
        assert raised.value.code == "keyring_silent"
    assert SilentKeyring.asked == ["me"]  # and is not asked again while it hangs
    SilentKeyring.wake.set()
    keys._asked[0].join(5)
    assert keys.get("model hub", "me") == "woken"


def test_nothing_that_is_raised_logged_or_shown_holds_a_secret(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    log.start("test", "debug")
    try:
        keys.set("model hub", "me", CANARY)
        _use(monkeypatch, "memory_keyring.LockedKeyring")
        texts = []
        for ask in (lambda: keys.get("model hub", "me"), lambda: keys.set("model hub", "me", CANARY)):
            with pytest.raises(EngineError) as raised:
                ask()
            error = raised.value
            texts += [str(error), repr(error), error.detail, str(error.data), *traceback.format_exception(error)]
            logging.getLogger("engine.keys").exception("refused", exc_info=error)
            assert error.code == "keyring_failed"
        texts += [path.read_text() for path in home.rglob("*") if path.is_file()]
    finally:
        for handler in logging.getLogger("engine").handlers:
            handler.close()
        logging.getLogger("engine").handlers = []
    assert len(texts) > 5
    assert not [text for text in texts if "canary" in text]
