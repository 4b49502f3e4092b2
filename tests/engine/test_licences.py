"""The licences of everything: from source of what is installed, in a frozen program from the list it carries."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest

from engine import about, licences, paths
from engine.errors import EngineError

ROOT = Path(__file__).resolve().parents[2]


def frozen(monkeypatch: pytest.MonkeyPatch, folder: Path, content: str) -> None:
    """As in a frozen program, whose list says this."""
    (folder / "licences").mkdir()
    (folder / "licences" / "licences.json").write_text(content, encoding="utf-8")
    monkeypatch.setattr(paths, "resource", lambda name: folder / name)


def test_from_source_all_that_is_installed_has_its_licence() -> None:
    found = {row.name: row for row in licences.collected()}
    assert next(iter(found)) == "Seedling"
    assert "Apache License" in found["Seedling"].text
    for name in ("torch", "apsw", "tokenizers", "huggingface_hub", "cryptography", "PySide6_Essentials"):
        row = next(
            row for row in found.values() if re.sub("[-_]", "", row.name.lower()) == re.sub("[-_]", "", name.lower())
        )
        assert row.version == metadata.version(name)
        assert row.licence, name
    assert "MIT" in found["pytest"].licence
    assert "Permission is hereby granted" in found["pytest"].text


class Strict(dict[str, str]):
    """Metadata as the backport of importlib gives them, once it is loaded: what is absent raises."""

    def get_all(self, name: str) -> list[str] | None:
        return [self[name]] if name in self else None


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ({}, ""),
        ({"License": "MIT"}, "MIT"),
        ({"License-Expression": "ISC", "License": "MIT"}, "ISC"),
        ({"Classifier": "License :: OSI Approved :: Apache Software License"}, "Apache Software License"),
    ],
)
def test_a_licence_is_found_wherever_it_is_named(said: dict[str, str], licence: str) -> None:
    class Some:
        metadata = Strict(said)

    assert licences._named(Some()) == licence


def test_what_is_bundled_is_what_the_page_of_licences_says() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = page.split("## Bundled")[1].split("\n## ")[0].splitlines()
    on_page = [row.split("|")[1].strip() for row in rows if row.startswith("| ") and "---" not in row][1:]
    assert [row.name for row in licences.bundled()] == on_page
    for row in licences.bundled():
        assert row.text or "public domain" in row.licence


def test_a_frozen_program_says_what_it_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"name": "zlib", "version": "1.3", "licence": "Zlib", "text": "As is."},
        {"name": "Seedling", "version": "9", "licence": "Apache-2.0", "text": "A"},
        {"name": "Inter, typeface", "version": "4", "licence": "OFL", "text": "Fonts."},
    ]
    frozen(monkeypatch, tmp_path, json.dumps(rows))
    found = licences.collected()
    assert found[0] == ("Seedling", "9", "Apache-2.0", "A")
    assert found[-1] == ("zlib", "1.3", "Zlib", "As is.")
    assert [row.text for row in found if row.name.startswith("Inter")] == ["Fonts."]  # once, as the list has it
    assert not any(row.name == "pytest" for row in found)  # what is installed beside it is not asked


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"name": "x"}]', "[" * 100_000, '"' + "x" * 100])
def test_a_broken_list_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    frozen(monkeypatch, tmp_path, content)
    with pytest.raises(EngineError) as caught:
        licences.collected()
    assert caught.value.code == "cannot_read"


def test_parts_are_told_without_loading_them() -> None:
    names = [part.name for part in about.parts()]
    assert names[0] == "Python"
    assert {"PyTorch", "Qt (PySide6)"} <= set(names)


def test_the_version_of_a_source_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert re.fullmatch(r"\d+\.\d+\.\d+", about.version())
    assert [part.name for part in about.parts()] == ["Python"]
