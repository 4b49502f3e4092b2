"""`seedling models connect | refresh`, and what the other actions do for servers and APIs: list, info, scan, remove.

A key is never taken on the command line, where other programs could read it.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from typing import Any

from engine import jobs, keys
from engine.errors import EngineError
from engine.events import Event, Finished, Server

ACTIONS = ("connect", "refresh")
_PLACES = ("keyring", "vault")
_WANT_KEY = ("provider_key_missing", "provider_key_wrong")


def add_arguments(actions: Any) -> None:
    connect = actions.add_parser("connect", help="connect a server or an API, whose models are then among all models")
    connect.add_argument("address", metavar="ADDRESS", help="such as localhost:11434 or https://api.openai.com/v1")
    connect.add_argument("--name", metavar="N", help="what it is called; its models are N/model")
    kind_help = "what it is: ollama, llama.cpp, litgpt, openai, anthropic, compatible, ...; without it, it is found out"
    connect.add_argument("--kind", metavar="K", default="auto", help=kind_help)
    key_help = "the environment variable that holds its key; without it, a key that is wanted is asked for"
    connect.add_argument("--key-env", metavar="VARIABLE", help=key_help)
    keep_help = "where a key that was typed is kept: the system's keyring, or a file encrypted with a passphrase"
    connect.add_argument("--keep", choices=_PLACES, default="keyring", help=keep_help)
    refresh = actions.add_parser("refresh", help="ask connected servers and APIs which models they have")
    refresh.add_argument("name", metavar="N", nargs="?", help="of one of them; without it, all")


def run(args: argparse.Namespace) -> Iterator[Event]:
    """A `Server` for each that was connected or asked."""
    if args.action == "connect":
        yield from _connect(args)
    else:
        yield from _refresh(args)


def key_of(name: str) -> str | None:
    """The key of a connected provider; the passphrase of the file of keys is asked for where it is needed.

    Raises EngineError as `provider_keys.key` does.
    """
    from engine import vault
    from engine.providers import provider_keys, provider_list

    provider = provider_list.find(name).provider
    if provider.key_place == "vault" and not vault.is_open() and sys.stdin.isatty():
        vault.open(getpass.getpass("Passphrase of the file with the keys: "))
    return provider_keys.key(provider)


def described(name: str) -> Server | None:
    """The provider called so, if there is one."""
    from engine.providers import provider_list
    from engine.providers.jobs import told

    listed = provider_list.read().get(name)
    return None if listed is None else told(listed)


def listed() -> Iterator[Server]:
    from engine.providers import provider_list
    from engine.providers.jobs import told

    yield from map(told, provider_list.read().values())


def disconnect(name: str) -> None:
    """Raises EngineError as `provider_keys.disconnect` does, and where the key could not be forgotten."""
    from engine.providers import provider_keys

    if (error := provider_keys.disconnect(name)) is not None:
        raise error


def show(event: Event) -> None:
    match event:
        case Server(name, kind, address, problem, details):
            models = [model["id"] for model in details.get("models") or ()]
            count = "1 model" if len(models) == 1 else f"{len(models):,} models"
            key = "  wants a key" if details.get("needs_key") else ""
            print(f"{name or 'not connected':24} {kind:12} {count if name else '':>9}  {address}{key}")
            if problem:
                print(f"  {problem}")
        case Finished(_, {"servers": 0}):
            print("No server with models answers on this computer.")


def _connect(args: argparse.Namespace) -> Iterator[Event]:
    params = {"address": args.address, "kind": args.kind, "name": args.name}
    job = jobs.find("connect")
    if args.key_env is not None:
        secret = os.environ.get(args.key_env, "").strip()
        if not secret:
            raise EngineError("key_variable_empty", name=args.key_env)
        yield from job(params | {"key": secret, "key_place": f"env:{args.key_env}"}, args.context)
        return
    try:
        yield from job(params, args.context)
    except EngineError as error:
        if error.code not in _WANT_KEY or not sys.stdin.isatty():
            raise
        yield from _connect_with_key(args, params, keys.checked(getpass.getpass(f"{error}\nKey: ")))


def _connect_with_key(args: argparse.Namespace, params: dict[str, Any], secret: str) -> Iterator[Event]:
    """The key is put where it is kept before it is told that all is done; where that fails, nothing is connected."""
    from engine import vault
    from engine.providers import jobs as provider_jobs
    from engine.providers import provider_list

    if args.keep == "vault" and not vault.is_open():
        vault.open(getpass.getpass("Passphrase of the file with the keys: "))
    for event in jobs.find("connect")(params | {"key": secret, "key_place": args.keep}, args.context):
        if isinstance(event, Server):
            try:
                provider_jobs.with_key(provider_list.find(event.name).provider, secret, args.keep)
            except EngineError:
                provider_list.remove(event.name)
                raise
        yield event


def _refresh(args: argparse.Namespace) -> Iterator[Event]:
    from engine.providers import provider_list
    from engine.providers.jobs import told

    wanted = [args.name] if args.name else list(provider_list.read())
    found: dict[str, str | None] = {}
    for name in wanted:
        listed = provider_list.find(name)
        try:
            found[name] = key_of(name)
        except EngineError as error:
            if args.name:
                raise
            yield told(listed, error)
    params = {"refresh": True, "names": list(found), "keys": found}
    for event in jobs.find("providers")(params, args.context):
        if not isinstance(event, Server) or event.name in found:
            yield event
