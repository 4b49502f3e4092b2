"""A repository as the hub tells it, in the shape that the window shows: what can be had of it, and its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import messages

_IN_A_LINE = ("gguf", "folder", "adapter", "data")  # kinds that are worth downloading alone


@dataclass(frozen=True)
class Choice:
    """One thing to download. kind: "gguf", "folder", "adapter" or "data"; size: bytes; problem: why it is of no use.

    on_gpus: each graphics processor and the verdict for it.
    """

    kind: str
    name: str
    files: tuple[str, ...]
    size: int
    quantization: str
    verdict: str
    problem: str
    on_gpus: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Repository:
    """recommended: the place of the choice to begin with. access: "open", "granted", "terms" or "token"."""

    repo: str
    kind: str
    revision: str
    choices: tuple[Choice, ...]
    recommended: int
    card: str
    access: str
    gate: str  # what to do about its terms
    problem: str  # why there is nothing to download
    parameters: int | None
    context: int | None
    licence: str
    architecture: str

    @classmethod
    def of(cls, repo: str, details: Mapping[str, Any]) -> Repository:
        """details: of a `HubRepo` event of one repository."""
        rows = [row for row in details["files"] if row["kind"] in _IN_A_LINE]
        names = [row["name"] for row in rows]
        best = details.get("recommended")
        return cls(
            repo,
            details["kind"],
            details["revision"],
            tuple(map(_choice, rows)),
            names.index(best) if best in names else 0,
            details["card"],
            details["access"],
            _said(details["gate"]),
            _said(details["problem"]),
            details["parameters"],
            details["context"],
            details["licence"] or "",
            details["architecture"] or "",
        )


def _choice(row: Mapping[str, Any]) -> Choice:
    return Choice(
        row["kind"],
        row["name"],
        tuple(row["files"]),
        row["size"],
        (row["quantization"] or "").upper(),
        row["fit"] or "",
        _said(row["problem"]),
        tuple((row["gpu_fits"]).items()),
    )


def _said(error: Mapping[str, Any] | None) -> str:
    return messages.sentence(error["code"], error["data"]) if error else ""
