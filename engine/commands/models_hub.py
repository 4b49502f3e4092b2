"""`seedling models search | repo | token`: what the hub has, and the token it knows the person by."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from collections.abc import Iterator
from typing import Any

from engine import hardware, jobs
from engine.errors import describe
from engine.events import Event, Finished, HubRepo
from engine.library import hub_access

ACTIONS = ("search", "repo", "token")
_KINDS = ("model", "gguf", "safetensors", "dataset")  # as engine.library.hub, which is too large for --help
_SORTS = ("trending", "downloads", "likes", "updated", "created")
_UNITS = {"k": 10**3, "m": 10**6, "b": 10**9}


def add_arguments(actions: Any) -> None:
    search = actions.add_parser("search", help="find models or datasets on the hub; nothing is downloaded")
    search.add_argument("text", metavar="TEXT", nargs="?", default="", help="words of the repository's name")
    search.add_argument("--kind", choices=_KINDS, default="model", help="default: GGUF files and model folders")
    search.add_argument("--licence", metavar="L", default="", help="as the hub writes it, such as apache-2.0 or mit")
    search.add_argument("--largest", metavar="N", type=_parameters, help="parameters at most, such as 8B or 500M")
    search.add_argument("--fits", action="store_true", help="only what this computer's memory can hold")
    search.add_argument("--sort", choices=_SORTS, default="trending")
    search.add_argument("--limit", metavar="N", type=int, default=30)
    repo = actions.add_parser("repo", help="what a repository of the hub holds: files, licence, terms")
    repo.add_argument("repo", metavar="REPO", help="OWNER/NAME")
    repo.add_argument("--dataset", action="store_true", help="it is a dataset")
    repo.add_argument("--revision", metavar="R", default="main", help="a branch, tag or commit")
    repo.add_argument("--card", action="store_true", help="print its card, too")
    token = actions.add_parser("token", help="the token that opens gated and private repositories")
    steps = token.add_subparsers(dest="step", metavar="STEP", required=True)
    steps.add_parser("set", help="keep it in the system's keyring; it is read from the keyboard or standard input")
    steps.add_parser("delete", help="take it out of the keyring")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """A `HubRepo` for each repository found or described."""
    match args.action:
        case "search":
            names = ("text", "kind", "licence", "fits", "sort", "limit")
            params = {name: getattr(args, name) for name in names} | {"largest_parameters": args.largest}
            yield from jobs.find("hub_search")(params, args.context)
        case "repo":
            params = {"repo": args.repo, "kind": "dataset" if args.dataset else "model", "revision": args.revision}
            described = [event for event in jobs.find("hub_repo")(params, args.context) if isinstance(event, HubRepo)]
            last = described[-1]
            yield last if args.card else HubRepo(last.repo, {**last.details, "card": ""})
            yield Finished("done")
        case "token":
            if args.step == "set":
                hub_access.set_token(_secret())
                yield Finished("done", {"kept": True})
            else:
                yield Finished("done", {"deleted": hub_access.delete_token()})


def show(event: Event) -> None:
    match event:
        case HubRepo(repo, {"files": files} as details):
            _show_repo(repo, files, details)
        case HubRepo(repo, details):
            facts = [_short(details["parameters"]), details["licence"] or "", f"{details['downloads'] or 0:,}"]
            gate = "  gated" if details["gated"] else ""
            print(f"{repo:56} {facts[0]:>6} {facts[1]:16} {facts[2]:>12}{gate}")
        case Finished(_, {"found": 0}):
            print("Nothing was found.")
        case Finished(_, {"kept": True}):
            print(f"The token for {hub_access.host()} is in the keyring.")
        case Finished(_, {"deleted": deleted}):
            print("The token is deleted." if deleted else "There was no token.")


def _show_repo(repo: str, files: list[dict[str, Any]], details: dict[str, Any]) -> None:
    print(repo)
    for name in ("licence", "architecture", "context", "languages", "base", "updated", "revision"):
        value = details[name]
        text = ", ".join(value) if isinstance(value, list) else f"{value:,}" if isinstance(value, int) else value
        if text:
            print(f"  {name:14} {text}")
    if details["parameters"]:
        print(f"  {'parameters':14} {_short(details['parameters'])}")
    for choice in files:
        name = choice["quantization"] or choice["kind"]
        parts = f" and {len(choice['files']) - 1} more" if len(choice["files"]) > 1 else ""
        fit = {"fits": "fits", "slow": "may be slow", "too_large": "will not fit"}.get(choice.get("fit") or "", "")
        print(f"  {name:14} {hardware.size_text(choice['size']):>9}  {fit:12}  {choice['files'][0]}{parts}")
        if choice["problem"]:
            print(f"    {describe(**choice['problem'])}")
    for said in (details["problem"], details["gate"]):
        if said:
            print(f"  {describe(**said)}")
    if details["card"]:
        print(f"\n{details['card']}")


def _secret() -> str:
    """The token, which no argument holds: others could read those."""
    if sys.stdin.isatty():
        return getpass.getpass("Token: ")
    return sys.stdin.readline()


def _parameters(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmb]?)", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is no number of parameters, such as 8B or 500M")
    return int(float(match[1]) * _UNITS.get(match[2], 1))


def _short(count: int | None) -> str:
    """Parameters as models are named: 494M, 7.2B."""
    if not count:
        return ""
    return f"{count / 1e9:.3g}B" if count >= 1e9 else f"{count / 1e6:.3g}M"
