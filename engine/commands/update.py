"""`seedling update check|download`: whether there is a newer version, and its file; nothing is installed."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from engine.commands.download import Shown
from engine.events import Event, Finished
from engine.hardware import size_text

HELP = "look for a newer version and fetch it; nothing is installed"

_download = Shown()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="WHAT", required=True, title="what")
    actions.add_parser("check", help="ask the address in the settings (update_address) once")
    download = actions.add_parser("download", help="fetch the file of the version that was found last")
    download.add_argument("file", nargs="?", default="", metavar="FILE", help="without it, the one that suits")
    download.add_argument("--to", default="", metavar="FOLDER", help="without it, your downloads")


def run(args: argparse.Namespace) -> Iterator[Event]:
    from engine.updates import jobs  # which loads the network

    if args.action == "check":
        return jobs.update_check({}, args.context)
    return jobs.update_download({"file": args.file, "folder": args.to}, args.context)


def show(event: Event) -> None:
    match event:
        case Finished("done", {"newer": True, **stats}):
            print(f"Seedling {stats['version']} of {stats['date']} is newer than this one, {stats['here']}.\n")
            print(stats["changes"].strip(), end="\n\n")
            for package in stats["packages"]:
                print(f"{size_text(package['size']):>10}  {package['name']}")
            print("`seedling update download` fetches it." if stats["packages"] else _nothing(stats["platform"]))
        case Finished("done", {"newer": False, "here": here}):
            print(f"This is the newest version, {here}.")
        case Finished("done", {"path": path}):
            _download(Finished("done", {"paths": [path]}))
            print("It is signed and whole. Close Seedling and install it as you installed this one.")
        case _:
            _download(event)


def _nothing(platform: str) -> str:
    return f"It has no file for this computer ({platform})."
