"""One home for everything we write, one place for everything we ship."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from engine import paths


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


def test_resources_are_found_in_the_source_and_in_a_frozen_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (paths.resource("starter").parent / "__init__.py").exists()
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert paths.resource("starter") == tmp_path / "resources" / "starter"
