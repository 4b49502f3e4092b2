"""Settings: whatever the file holds, the program starts; what was set comes back."""

from __future__ import annotations

import json
import logging
import random
from pathlib import Path

import pytest

from engine import files
from engine.settings import OPTIONS, Option, Settings


def written(home: Path, content: bytes) -> Settings:
    (home / "settings.json").write_bytes(content)
    return Settings()


def test_without_a_file_everything_has_its_default(home: Path) -> None:
    settings = Settings()
    assert settings.text("theme") == "system"
    assert settings.flag("panel_shown") is None
    assert settings.number("chat") is None
    assert list(home.iterdir()) == []


def test_what_was_set_comes_back(home: Path) -> None:
    settings = Settings()
    settings.set("theme", "dark")
    settings.set("chat", 12)
    settings.set("panel_shown", False)
    settings.save()
    again = Settings()
    assert (again.text("theme"), again.number("chat"), again.flag("panel_shown")) == ("dark", 12, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("theme", "purple"), ("theme", 3), ("chat", "7"), ("chat", True), ("sidebar_shown", 1), ("sidebar_shown", None)],
)
def test_a_value_that_does_not_fit_falls_back_and_is_reported(
    home: Path, caplog: pytest.LogCaptureFixture, name: str, value: object
) -> None:
    settings = written(home, json.dumps({name: value, "model": "kept"}).encode())
    assert settings._values[name] == OPTIONS[name].default
    assert settings.text("model") == "kept"
    assert name in caplog.text


def test_an_option_of_a_newer_version_is_kept_for_it(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = written(home, b'{"hologram": [1, 2]}')
    assert "hologram" in caplog.text
    settings.set("theme", "light")
    settings.save()
    assert json.loads((home / "settings.json").read_text()) == {"hologram": [1, 2], "theme": "light"}


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"{", b"[]", b'"x"', b"\xff\xfe{}", b"[" * 100_000])
def test_a_broken_file_is_moved_aside(home: Path, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    settings = written(home, content)
    assert settings.text("theme") == "system"
    (aside,) = home.iterdir()
    assert aside.name.startswith("settings.json.broken-")
    assert aside.read_bytes() == content
    assert "broken" in caplog.text


def test_a_folder_in_its_place_does_not_stop_the_start(home: Path) -> None:
    (home / "settings.json").mkdir()
    assert Settings().text("theme") == "system"


def test_a_full_disk_leaves_the_old_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    settings.set("theme", "dark")
    settings.save()
    before = (home / "settings.json").read_bytes()

    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_flush", fail)
    settings.set("theme", "light")
    with pytest.raises(OSError, match="No space"):
        settings.save()
    assert (home / "settings.json").read_bytes() == before
    assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_setting_nonsense_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="theme cannot be"):
        Settings().set("theme", "purple")
    with pytest.raises(KeyError):
        Settings().set("colour", "purple")


def test_numbers_must_be_finite() -> None:
    option = Option("share", float, 0.5, "")
    assert option.accepts(1)
    assert not option.accepts(float("nan"))
    assert not option.accepts(True)


def test_every_option_has_a_default_that_fits_and_a_sentence() -> None:
    for name, option in OPTIONS.items():
        assert option.name == name
        assert option.accepts(option.default)
        assert option.sentence.endswith(".")


@pytest.mark.trial(sample=100, full=10_000)
def test_no_damage_to_the_file_stops_the_start(home: Path, trials: range, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    whole = json.dumps({"theme": "dark", "chat": 3, "panel_shown": True, "window_geometry": "AAAA"}).encode()
    for seed in trials:
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        settings = written(home, bytes(damaged[: chance.randint(0, len(damaged))]))
        assert all(OPTIONS[name].accepts(value) for name, value in settings._values.items())
