"""Nothing is collected whose licence is not told with it."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import pytest

from engine import licences as read
from installer import licences


@pytest.fixture(autouse=True)
def loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyInstaller's part of every program, also where only `make frozen` would install it."""
    licences._of_distribution.cache_clear()
    stands_in = read.Licence("pyinstaller", "6", "GPL-2.0-or-later with an exception", "Its text.")
    known = {"pyinstaller": stands_in, **licences._installed()}
    monkeypatch.setattr(licences, "_installed", lambda: known)


def file_of(distribution: str, ending: str) -> tuple[str, str]:
    """(path inside, source) of a file that a distribution installed."""
    files = metadata.distribution(distribution).files or []
    found = next(file for file in files if str(file).endswith(ending))
    return str(found), str(found.locate())


def names(collected: list[read.Licence]) -> set[str]:
    return {licence.name for licence in collected}


def test_of_packages_of_python_and_of_ours() -> None:
    import json as module

    root = Path(licences.__file__).parent.parent
    found = licences.of_collected(
        [
            file_of("jinja2", "environment.py"),
            file_of("tokenizers", "__init__.py"),
            ("json", module.__file__),
            ("app.front", str(root / "app" / "front.py")),
            ("backports", "-"),
        ]
    )
    assert {"Seedling", "Python", "pyinstaller", "Jinja2", "tokenizers", "Inter, typeface"} <= names(found)
    assert "backports" not in names(found)
    assert all(licence.text for licence in found if licence.licence != licences._NEEDS_NONE)


def test_qt_s_terms_are_told_with_qt() -> None:
    found = licences.of_collected([file_of("PySide6-Essentials", "QtCore.pyi")])
    text = next(licence.text for licence in found if licence.name == "PySide6_Essentials")
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "you may replace them" in text


def test_what_nobody_knows_stops_the_build(tmp_path: Path) -> None:
    stray = tmp_path / "libstray.so"
    stray.write_bytes(b"\x7fELF")
    with pytest.raises(licences.NoLicenceError, match=r"libstray\.so"):
        licences.of_collected([("libstray.so", str(stray))])


def test_a_package_without_a_text_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    licences._of_distribution.cache_clear()
    monkeypatch.setattr(licences, "_WITHOUT_TEXT", {})
    with pytest.raises(licences.NoLicenceError, match="tokenizers: no text"):
        licences.of_collected([file_of("tokenizers", "__init__.py")])
    licences._of_distribution.cache_clear()


def test_the_program_reads_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [read.Licence("Seedling", "1", "Apache-2.0", "ours\n"), read.Licence("Ünï", "2", "MIT", "theirs")]
    licences.write(wanted, tmp_path / "licences")
    assert json.loads((tmp_path / "licences" / "licences.json").read_text(encoding="utf-8"))[1]["name"] == "Ünï"
    text = (tmp_path / "licences" / "LICENCES.txt").read_text(encoding="utf-8")
    assert text.index("ours") < text.index("Ünï 2: MIT") < text.index("theirs")
    monkeypatch.setattr("engine.paths.resource", lambda name: tmp_path / name)
    assert read.collected()[0] == wanted[0]
    assert wanted[1] in read.collected()
