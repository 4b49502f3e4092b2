"""`seedling models`: the models this machine knows, and what there is to know about one.

Only the list changes here. The files stay where the person put them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.commands import download, models_hub
from engine.events import Event, Finished, Model
from engine.library import models

HELP = "list, describe, add and remove models"

_show_download = download.Shown()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all models, the bundled ones first")
    info = actions.add_parser("info", help="what there is to know about a model")
    info.add_argument("model", metavar="M", help="a name from the list, or the path of a GGUF file or model folder")
    add = actions.add_parser("add", help="add a GGUF file or model folder to the list; it stays where it is")
    add.add_argument("path", metavar="PATH", type=Path)
    add.add_argument("--name", metavar="N", help="the name in the list; without it, that of the file")
    download.add_arguments(actions)
    remove = actions.add_parser("remove", help="take a model off the list; its file stays")
    remove.add_argument("model", metavar="M", help="a name from the list")
    models_hub.add_arguments(actions)


def run(args: argparse.Namespace) -> Iterator[Event]:
    """A `Model` for each one listed, described, added or removed."""
    match args.action:
        case "list":
            for entry in models.entries():
                yield _row(entry)
        case "info":
            entry = models.resolve(args.model)
            details = models.describe(entry)
            yield _row(replace(entry, problem=details.pop("problem")), details)
        case "add":
            yield _row(models.add(args.path, args.name))
        case "remove":
            models.remove(args.model)
        case "download":
            yield from download.run(args)
            return
        case action if action in models_hub.ACTIONS:
            yield from models_hub.run(args)
            return
    yield Finished("done")


def show(event: Event) -> None:
    if isinstance(event, Model):
        print(f"{event.name:24} {event.kind:7} {event.path}")
        if event.problem:
            print(f"  cannot be opened: {event.problem}")
        for name, value in event.details.items():
            print(f"  {name.replace('_', ' '):22} {_text(value)}")
    else:
        models_hub.show(event)
        _show_download(event)


def _row(entry: models.ModelEntry, details: dict[str, Any] | None = None) -> Model:
    place = str(entry.path)
    return Model(entry.name, place, entry.kind, entry.backend, entry.bundled, entry.problem, details or {})


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(_text, value)) or "none"
        case dict():
            return ", ".join(f"{_text(item)} {name}" for name, item in value.items()) or "none"
        case None:
            return "none"
        case _:
            return str(value)
