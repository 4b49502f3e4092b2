"""The encrypted file: what opens it, and what does not. Killed while it is written: tests/faults/small_files.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import files, paths, vault
from engine.errors import EngineError

CANARY = "sk-canaryQWERTY0123456789"
PASSPHRASE = "correct horse"
COST = vault._COST


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(vault, "_COST", 2)
    yield
    vault.close()


def place() -> Path:
    return paths.home() / "keys.json.enc"


def fails(code: str) -> pytest.RaisesExc[EngineError]:
    return pytest.raises(EngineError, check=lambda error: error.code == code)


def test_what_was_put_in_comes_out_again(home: Path) -> None:
    assert not vault.exists()
    vault.open(PASSPHRASE)
    assert vault.is_open()
    assert vault.get("s", "a") is None
    vault.set("s", "a", CANARY)
    vault.set("s", "b", "other")
    vault.close()
    assert not vault.is_open()
    with fails("vault_closed"):
        vault.get("s", "a")
    vault.open(PASSPHRASE)
    assert (vault.get("s", "a"), vault.get("s", "b"), vault.get("t", "a")) == (CANARY, "other", None)
    assert vault.delete("s", "a")
    assert not vault.delete("s", "a")
    assert vault.get("s", "a") is None
    assert not [path for path in home.rglob("*") if path.is_file() and b"other" in path.read_bytes()]
    assert "canary" not in repr(vault._opened)
    assert str(vault._opened[0].key) not in repr(vault._opened)


def test_a_wrong_passphrase_changes_nothing() -> None:
    vault.open(PASSPHRASE)
    vault.set("s", "a", CANARY)
    before = place().read_bytes()
    for wrong in ("correct hors", "Correct horse", "", "correct horse "):
        with fails("vault_passphrase"):
            vault.open(wrong)
        with fails("vault_passphrase"):
            vault.change(wrong, "another one")
    assert vault.get("s", "a") == CANARY  # it stays open
    vault.close()
    with fails("vault_passphrase"):
        vault.open("wrong one")
    for ask in (lambda: vault.get("s", "a"), lambda: vault.set("s", "a", "x"), lambda: vault.delete("s", "a")):
        with fails("vault_closed"):
            ask()
    assert place().read_bytes() == before


def test_another_passphrase() -> None:
    vault.open(PASSPHRASE)
    vault.set("s", "a", CANARY)
    with fails("vault_weak"):
        vault.change(PASSPHRASE, "short")
    vault.change(PASSPHRASE, "battery staple")
    assert vault.get("s", "a") == CANARY
    vault.close()
    with fails("vault_passphrase"):
        vault.open(PASSPHRASE)
    vault.open("battery staple")
    assert vault.get("s", "a") == CANARY


def test_a_weak_passphrase_makes_no_file() -> None:
    with fails("vault_weak"):
        vault.open("1234567")
    assert not vault.exists()
    assert not vault.is_open()


def test_the_same_letters_open_it_however_they_are_composed() -> None:
    vault.open("schl\u00fcssel")
    vault.close()
    vault.open("schlu\u0308ssel")


def test_no_two_files_are_alike() -> None:
    """Neither salt nor nonce comes twice."""
    seen = set()
    vault.open(PASSPHRASE)
    for _ in range(20):
        vault.set("s", "a", CANARY)
        written = json.loads(place().read_bytes())
        seen |= {written["nonce"], written["proof_nonce"]}
    assert len(seen) == 40
    salt = json.loads(place().read_bytes())["salt"]
    vault.change(PASSPHRASE, PASSPHRASE)
    assert json.loads(place().read_bytes())["salt"] != salt


def test_every_damage_is_noticed_and_changes_nothing() -> None:
    vault.open(PASSPHRASE)
    vault.set("s", "a", CANARY)
    whole = json.loads(place().read_bytes())
    damaged = [b"", b"{}", b"[]", b"nonsense", b"[" * 100_000, b"x" * (2 << 20)]
    for name, value in whole.items():
        changed = [None, "", value + 1 if isinstance(value, int) else value[:-4]]
        if isinstance(value, str) and name != "format":
            changed.append(("A" if value[0] != "A" else "B") + value[1:])
        changed += [1 << 30, 3, 0, -4, True] if name == "cost" else []
        damaged += [json.dumps(whole | {name: found}).encode() for found in changed]
        damaged.append(json.dumps({key: found for key, found in whole.items() if key != name}).encode())
    assert len(damaged) > 30
    for content in damaged:
        place().write_bytes(content)
        vault.close()
        with pytest.raises(EngineError) as raised:
            vault.open(PASSPHRASE)
        assert raised.value.code in ("vault_damaged", "vault_passphrase")
        assert not vault.is_open()
        assert place().read_bytes() == content
    place().write_bytes(json.dumps(whole | {"data": whole["data"][:-8] + "AAAAAAA="}).encode())
    with fails("vault_damaged"):  # the passphrase is right
        vault.open(PASSPHRASE)
    place().write_bytes(json.dumps(whole).encode())
    vault.open(PASSPHRASE)
    assert vault.get("s", "a") == CANARY


def test_a_passphrase_changed_elsewhere_closes_it_here() -> None:
    vault.open(PASSPHRASE)
    opened = vault._opened[0]
    vault.change(PASSPHRASE, "battery staple")
    vault._opened[:] = [opened]  # as another process still has it
    with fails("vault_closed"):
        vault.set("s", "a", "x")
    assert not vault.is_open()


def test_a_file_that_is_gone_counts_as_closed() -> None:
    vault.open(PASSPHRASE)
    place().unlink()
    with fails("vault_closed"):
        vault.get("s", "a")


def test_who_waits_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    vault.open(PASSPHRASE)
    monkeypatch.setattr(vault, "PATIENCE_S", 0.05)
    with files.exclusive(paths.home() / "keys.lock", 1), fails("vault_busy"):
        vault.set("s", "a", "x")


def test_it_costs_what_makes_guessing_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """OWASP asks for N = 2¹⁷ with r = 8 and p = 1."""
    monkeypatch.setattr(vault, "_COST", COST)
    assert COST == 1 << 17
    vault.open(PASSPHRASE)
    vault.close()
    vault.open(PASSPHRASE)
