"""Settings: whatever the file holds, the program starts; what was set comes back."""

from __future__ import annotations

import json
import logging
import random
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from engine import files
from engine.settings import OPTIONS, SECTIONS, Option, Settings, runtime_options, stored


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
    assert aside.name.startswith("settings.broken-")
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("font_percent", 99), ("font_percent", 301), ("font_percent", 120.5), ("threads", -1), ("threads", 10_000),
        ("memory_percent", 5), ("memory_percent", 96), ("keep_backups", -1), ("runs_folder", "runs"),
        ("runs_folder", "/runs\0"), ("shortcuts", {"new_chat": 3}), ("shortcuts", ["Ctrl+N"]), ("shortcuts", None),
        ("language", "klingon"), ("log_level", "debug"), ("theme", None), ("motion", "yes"), ("font_percent", 10**400),
    ],
)  # fmt: skip
def test_a_value_beyond_its_limits_falls_back_and_says_so(home: Path, name: str, value: object) -> None:
    settings = written(home, json.dumps({name: value}).encode())
    assert settings.value(name) == OPTIONS[name].default
    (problem,) = settings.problems
    assert name in str(problem)
    assert json.dumps(OPTIONS[name].default) in str(problem)
    with pytest.raises(ValueError):
        settings.set(name, value)  # type: ignore[arg-type]


def test_what_is_fine_is_no_problem(home: Path) -> None:
    content = {"font_percent": 300, "threads": 1, "shortcuts": {"new_chat": ""}, "models_folder": "/models"}
    settings = written(home, json.dumps(content).encode())
    assert settings.problems == []
    assert {name: settings.value(name) for name in content} == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "every option has its default"),
        (b'{"hologram": 1}', "hologram"),
        (b'{"font_percent": 20}', "from 100 to 300"),
        (b'{"a": 1, "theme": 2}', "theme"),
    ],
)
def test_every_problem_is_a_sentence(home: Path, content: bytes, words: str) -> None:
    settings = written(home, content)
    assert words in str(settings.problems[-1])


def test_a_mapping_comes_back_and_cannot_be_changed_behind_its_back(home: Path) -> None:
    settings = Settings()
    given = {"new_chat": "Ctrl+T, F2"}
    settings.set("shortcuts", given)
    given["stop"] = "Ctrl+N"
    settings.mapping("shortcuts")["stop"] = "Ctrl+N"
    assert settings.mapping("shortcuts") == {"new_chat": "Ctrl+T, F2"}
    settings.save()
    assert Settings().mapping("shortcuts") == {"new_chat": "Ctrl+T, F2"}
    assert OPTIONS["shortcuts"].default == {}


def test_others_read_what_is_stored_and_nothing_else(home: Path) -> None:
    assert stored("threads") == 0
    for content, expected in ((b'{"threads": 1}', 1), (b'{"threads": -1}', 0), (b"[]", 0), (b"{", 0), (b"\xff", 0)):
        (home / "settings.json").write_bytes(content)
        assert stored("threads") == expected
        assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_what_a_model_is_opened_with(home: Path) -> None:
    assert runtime_options() == {"memory_percent": 75}
    settings = written(home, b'{"threads": 1, "memory_percent": 50}')
    assert runtime_options() == runtime_options(settings.value) == {"threads": 1, "memory_percent": 50}


def test_the_last_to_save_is_never_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, write = Settings(), files.write_json
    writing, go_on = threading.Event(), threading.Event()

    def slow_at_first(path: Path, data: object) -> None:
        if not writing.is_set():
            writing.set()
            go_on.wait(10)
        write(path, data)

    monkeypatch.setattr(files, "write_json", slow_at_first)
    with ThreadPoolExecutor(2) as threads:
        settings.set("font_percent", 150)
        threads.submit(settings.save)
        writing.wait(10)
        settings.set("font_percent", 160)
        second = threads.submit(settings.save)
        wait([second], timeout=0.2)  # it must not overtake the first
        go_on.set()
    assert Settings().number("font_percent") == 160


def test_languages_are_those_that_are_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine import settings

    monkeypatch.setattr(settings.paths, "resource", lambda name: tmp_path / name)
    assert settings._languages() == ("system", "en")
    (tmp_path / "translations").mkdir()
    for code in ("pl", "de", "en"):
        (tmp_path / "translations" / f"seedling_{code}.qm").touch()
    assert settings._languages() == ("system", "en", "de", "pl")


def test_every_option_has_a_default_that_fits_and_a_sentence() -> None:
    for name, option in OPTIONS.items():
        assert option.section in ("", *SECTIONS)
        assert bool(option.title) == bool(option.section)
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
