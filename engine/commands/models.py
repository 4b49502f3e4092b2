"""`seedling models`: the models this machine knows, and what there is to know about one.

Files stay where the person put them. Only what Seedling put somewhere itself is ever deleted, and only when asked to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import hardware
from engine import jobs as all_jobs
from engine.commands import download, models_hub, models_servers
from engine.errors import EngineError
from engine.events import Event, Finished, Model, Progress, Server
from engine.library import jobs, models, owned
from engine.library.capabilities import UNUSED
from engine.library.download import journal
from engine.library.memory_job import fit

HELP = "list, find, describe, keep and remove models"
_LISTED = (
    "provider_kind",
    "reach",
    "leaves",
    "origin",
    "size_bytes",
    "disk_bytes",
    "quantization",
    "badges",
    "freed_bytes",
    "error",
)

_show_download = download.Shown()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="all models, the bundled ones first")
    info = actions.add_parser("info", help="what there is to know about a model")
    info.add_argument("model", metavar="M", help="a name from the list, or the path of a GGUF file or model folder")
    info.add_argument("--memory", action="store_true", help="also what it would take of this machine's, and if it fits")
    info.add_argument("--context", dest="positions", metavar="N", type=int, help="with --memory: for so many positions")
    info.add_argument(
        "--cache-type", metavar="T", help="with --memory: for this type of keys and values (f16, q8_0, ...)"
    )
    scan = actions.add_parser("scan", help="models that other programs have here: Ollama, the Hugging Face cache, ...")
    scan.add_argument("--servers", action="store_true", help="look for servers with models on this computer instead")
    scan.add_argument("--folder", metavar="PATH", action="append", default=[], help="look here too; may be repeated")
    add = actions.add_parser("add", help="add a GGUF file or model folder to the list; it stays where it is")
    add.add_argument("path", metavar="PATH", type=Path)
    add.add_argument("--name", metavar="N", help="the name in the list; without it, that of the file")
    add.add_argument("--copy", action="store_true", help="copy it into Seedling's own folder first, and list the copy")
    remove = actions.add_parser("remove", help="take a model off the list; its file stays")
    remove.add_argument("model", metavar="M", help="a name from the list, or of a server, whose key is forgotten too")
    remove.add_argument("--delete", action="store_true", help="delete its files too, if Seedling put them there")
    rename = actions.add_parser("rename", help="call a model otherwise; its settings stay with it")
    rename.add_argument("model", metavar="M", help="a name from the list")
    rename.add_argument("name", metavar="N", help="its new name")
    verify = actions.add_parser("verify", help="read all of a model and tell whether it is what it was")
    verify.add_argument("model", metavar="M", help="a name from the list, or a path")
    download.add_arguments(actions)
    models_hub.add_arguments(actions)
    models_servers.add_arguments(actions)


def run(args: argparse.Namespace) -> Iterator[Event]:
    """A `Model` for each one listed, described, added, copied or renamed."""
    match args.action:
        case "list":
            yield from _list(args)
        case "info" if (server := _server(args.model)) is not None:
            yield server
            yield Finished("done")
        case "info":
            row = jobs.described(models.find(args.model))
            yield replace(row, details=row.details | _memory(args)) if args.memory and not row.problem else row
            yield Finished("done")
        case "scan" if args.servers:
            yield from all_jobs.find("scan_servers")({}, args.context)
        case "scan":
            yield from all_jobs.find("scan")({"folders": args.folder}, args.context)
        case "add" if args.copy:
            yield from _copy(args)
        case "add":
            yield _row(models.add(args.path, args.name))
            yield Finished("done")
        case "remove" if args.delete:
            yield Finished("done", {"freed_bytes": owned.delete(models.find(args.model))})
        case "remove" if _server(args.model) is not None:
            models_servers.disconnect(args.model)
            yield Finished("done")
        case "remove":
            models.remove(args.model)
            yield Finished("done")
        case "rename":
            yield _row(models.rename(args.model, args.name))
            yield Finished("done")
        case "verify":
            yield from _verify(args)
        case "download":
            yield from download.run(args)
        case action if action in models_hub.ACTIONS:
            yield from models_hub.run(args)
        case action if action in models_servers.ACTIONS:
            yield from models_servers.run(args)


def show(event: Event) -> None:
    match event:
        case Model():
            _show_model(event)
        case Progress(done=done, total=total, message="") if sys.stderr.isatty():
            print(f"\r{hardware.size_text(done)} of {hardware.size_text(total)}", end="", file=sys.stderr)
        case Finished(stats={"freed_bytes": freed, "models": _, "disk_bytes": disk, "disk_free": free}):
            used, ours = hardware.size_text(disk), hardware.size_text(freed)
            print(f"{used} in all, {ours} of it put there by Seedling; {hardware.size_text(free)} are free")
        case Finished(stats={"freed_bytes": freed}):
            print(f"deleted, {hardware.size_text(freed)} freed")
        case Finished(stats={"verdict": verdict, "sha256": sha256}):
            print(f"{_VERDICTS[verdict]}\nsha256 {sha256}")
        case Finished(stats={"models": 0}):
            print("No models of other programs were found that can be opened.")
        case Server() | Finished(stats={"servers": _}):
            models_servers.show(event)
        case _:
            models_hub.show(event)
            _show_download(event)


_VERDICTS = {
    "good": "It is as it should be.",
    "unknown": "Nothing was known to hold it against. Of a model on the list it is kept now, for the next time.",
}


_FAR = {
    (False, "machine"): "what you write to it stays on this machine",
    (False, "network"): "what you write to it goes into the local network",
    (True, "machine"): "what you write to it leaves this machine",
    (True, "network"): "what you write to it leaves this machine",
    (True, "internet"): "what you write to it leaves this machine",
}


def _show_model(row: Model) -> None:
    details = row.details
    size = hardware.size_text(details["disk_bytes"]) if "disk_bytes" in details else ""
    print(f"{row.name:24} {row.kind:12} {size:>9}  {details.get('quantization') or '':8} {row.path}")
    if row.problem:
        print(f"  cannot be opened: {row.problem}")
    if row.backend == models.REMOTE:
        print(f"  {_FAR[details['leaves'], details['reach']]}")
    if "architecture" in details or "context" in details:
        for name, value in details.items():
            if name != "error":
                print(f"  {name.replace('_', ' '):22} {_text(name, value)}")


def _text(name: str, value: Any) -> str:
    match name, value:
        case _, bool():
            return "yes" if value else "no"
        case _, int():
            return f"{value:,}"
        case "badges", list():
            return ", ".join(f"{badge} (not used by Seedling)" if badge in UNUSED else badge for badge in value)
        case "lineage", dict():
            known = [(key, ", ".join(text) if isinstance(text, list) else text) for key, text in value.items()]
            return "; ".join(f"{key} {text}" for key, text in known if text) or "unknown"
        case "memory_bytes", dict():
            return ", ".join(f"{hardware.size_text(size)} {part}" for part, size in value.items())
        case _, dict():
            return ", ".join(f"{count:,} {kind}" for kind, count in value.items()) or "none"
        case _, None:
            return "none"
        case _:
            return str(value)


def _memory(args: argparse.Namespace) -> dict[str, Any]:
    told = fit(args.model, {"context": args.positions, "cache_type": args.cache_type}).to_json()
    return {
        "memory_bytes": told["need"],
        "memory_verdict": told["verdict"].replace("_", " "),
        "largest_context": told["largest_context"],
    }


def _list(args: argparse.Namespace) -> Iterator[Event]:
    for event in jobs.library({}, args.context):
        if isinstance(event, Model):
            yield replace(event, details={name: event.details[name] for name in _LISTED if name in event.details})
        elif isinstance(event, Finished):
            yield from models_servers.listed()
            yield event


def _server(name: str) -> Server | None:
    """The server called so, unless a model of the list is."""
    return None if any(entry.name == name for entry in models.entries()) else models_servers.described(name)


def _copy(args: argparse.Namespace) -> Iterator[Event]:
    for event in jobs.copy_model({"path": str(args.path), "name": args.name}, args.context):
        if isinstance(event, Finished) and event.reason == "done":
            yield _row(next(entry for entry in models.entries() if entry.name == event.stats["name"]))
        yield event


def _verify(args: argparse.Namespace) -> Iterator[Event]:
    """Raises EngineError `model_changed`, so that scripts can tell by the exit code."""
    for event in jobs.verify({"model": args.model}, args.context):
        if isinstance(event, Finished) and event.stats.get("verdict") == "changed":
            changed = [file["name"] for file in event.stats["files"] if file["verdict"] == "changed"]
            entry, told = models.find_here(args.model), ", ".join(changed) or "its files"
            if source := journal.source_of(entry.path):
                file = f":{source['files'][0]}" if len(source["files"]) == 1 else ""
                command = f"seedling models download {source['repo']}{file} --revision {source['revision']} --again"
                raise EngineError("model_changed_here", name=args.model, files=told, command=command)
            raise EngineError("model_changed", name=args.model, files=told)
        yield event


def _row(entry: models.ModelEntry) -> Model:
    details = {"origin": entry.origin}
    return Model(entry.name, str(entry.path), entry.kind, entry.backend, entry.bundled, entry.problem, details)
