"""One home for everything we write, one place for everything we ship."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import platformdirs
import pytest

from engine import paths
from engine.errors import EngineError
from engine.library.download import layout


def test_seedling_home_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_HOME", str(tmp_path / "ünï 🌱"))
    for place in (paths.home(), paths.database(), paths.models(), paths.runs(), paths.logs()):
        assert place.is_relative_to(tmp_path / "ünï 🌱")
    assert not (tmp_path / "ünï 🌱").exists()  # asking makes nothing


def test_a_tilde_is_the_person_s_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_HOME", "~/seedling")
    assert paths.home() == Path.home() / "seedling"


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_the_platform_decides(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEEDLING_HOME") if value is None else monkeypatch.setenv("SEEDLING_HOME", value)
    assert paths.home() == Path(platformdirs.user_data_dir("Seedling", appauthor=False))


def test_a_folder_of_the_settings_is_followed_and_the_settings_stay_at_home(home: Path, tmp_path: Path) -> None:
    (home / "settings.json").write_text(
        json.dumps({"chats_folder": str(tmp_path / "c"), "models_folder": str(tmp_path / "m"), "runs_folder": ""})
    )
    assert paths.database() == tmp_path / "c" / "seedling.db"
    assert (paths.models(), paths.runs()) == (tmp_path / "m", home / "runs")
    assert (paths.backups(), paths.logs()) == (home / "backups", home / "logs")
    assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_a_chosen_folder_that_is_gone_is_not_made_anew(home: Path, tmp_path: Path) -> None:
    assert paths.writable(paths.runs()) == home / "runs"  # the usual place may be made
    (home / "settings.json").write_text(json.dumps({"runs_folder": str(tmp_path / "unplugged")}))
    with pytest.raises(EngineError, match="is not there") as caught:
        paths.writable(paths.runs())
    assert caught.value.code == "folder_missing"
    (tmp_path / "unplugged").mkdir()
    assert paths.writable(paths.runs()) == tmp_path / "unplugged"


def test_resources_are_found_in_the_source_and_in_a_frozen_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (paths.resource("starter").parent / "__init__.py").exists()
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert paths.resource("starter") == tmp_path / "resources" / "starter"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a frozen program, with nothing said about a home."""
    monkeypatch.delenv("SEEDLING_HOME", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "Seedling" / "seedling"))
    (tmp_path / "Seedling").mkdir()
    return tmp_path / "Seedling"


def everywhere() -> list[Path]:
    folders = paths.home(), paths.cache(), paths.logs(), paths.backups(), paths.indexes(), paths.models(), paths.runs()
    return [*folders, paths.database(), layout.cache()]


def test_a_folder_beside_the_program_makes_it_carry_all_it_writes(program: Path) -> None:
    assert paths.portable_home() is None
    assert not any(place.is_relative_to(program) for place in everywhere())
    (program / "seedling-data").mkdir()
    assert paths.portable_home() == program / "seedling-data"
    assert all(place.is_relative_to(program / "seedling-data") for place in everywhere())
    assert list((program / "seedling-data").iterdir()) == []


def test_what_is_named_by_the_person_comes_before_the_folder(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program / "seedling-data").mkdir()
    monkeypatch.setenv("SEEDLING_HOME", str(tmp_path / "named"))
    assert all(place.is_relative_to(tmp_path / "named") for place in everywhere())


def test_a_file_of_that_name_is_no_home(program: Path) -> None:
    (program / "seedling-data").touch()
    assert paths.portable_home() is None


def test_from_source_a_folder_beside_python_means_nothing(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program / "seedling-data").mkdir()
    monkeypatch.delattr(sys, "frozen")
    assert paths.portable_home() is None
