"""Where a model comes from, in plain text: what it was trained from, on what, and by which run of ours.

Read from the run that made it, an adapter's settings, a model card, or the metadata of a GGUF file. `family` is the
whole tree of what is on this machine; here is what one model says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.library import cards, facts, forms
from engine.runtime.gguf_header import GGUFHeader, shown

_MOST_PARENTS = 16  # numbers in GGUF metadata that are looked at

Lineage = dict[str, Any]  # "parent": text or None; "data": names; "run": name of the run's folder or None


def of(place: Path, header: GGUFHeader | None = None) -> Lineage:
    """header: of a GGUF file. What cannot be read is left out."""
    try:
        if (run := run_of(place)) is not None:
            return _of_run(run)
        return _of_gguf(header) if header is not None else _of_folder(place)
    except EngineError:
        return _lineage()


def run_of(place: Path) -> Path | None:
    """The folder of the run that a model lies in."""
    return next((folder for folder in list(place.parents)[:2] if (folder / "run.json").is_file()), None)


def _lineage(parent: Any = None, data: list[Any] | None = None, run: str | None = None) -> Lineage:
    return {"parent": shown(parent) if parent else None, "data": list(map(shown, data or [])), "run": run}


def _of_run(run: Path) -> Lineage:
    about = facts.read_json(run / "run.json")
    data = about.get("data")
    files = data.get("files") if isinstance(data, dict) else None
    names = [file.get("name") for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    return _lineage(about.get("parent_name") or about.get("parent"), names, shown(run.name))


def _of_folder(folder: Path) -> Lineage:
    card = cards.read(folder / "README.md")
    parent = card.parent
    if forms.is_adapter(folder):
        parent = facts.read_json(folder / forms.ADAPTER_CONFIG).get("base_model_name_or_path") or parent
    return _lineage(parent, [file.name for file in card.files] or list(card.datasets))


def _of_gguf(header: GGUFHeader) -> Lineage:
    parents, data = list(_named(header, "base_model")), list(_named(header, "dataset"))
    return _lineage(", ".join(parents), data)


def _named(header: GGUFHeader, what: str) -> Iterator[str]:
    """The names below `general.base_model.0` and its like: where it lies on the Hub, else what it is called."""
    for number in range(_MOST_PARENTS):
        key = f"general.{what}.{number}."
        link = header.text(key + "repo_url").removeprefix("https://huggingface.co/")
        name = " ".join(filter(None, (header.text(key + "organization"), header.text(key + "name"))))
        if link or name:
            yield link or name
