"""The command that does in a terminal what the form does."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from engine.training.recipe import flat

_OPTIONS = ("method", "model", "out")  # that have a name of their own


def command_of(asked: Mapping[str, Any]) -> str:
    """asked: keys of a recipe. As a POSIX shell takes it."""
    words = ["seedling", "train"]
    for key, value in flat(asked).items():
        if key in _OPTIONS:
            words += [f"--{key}", str(value)]
        elif key == "data":
            for path in (value,) if isinstance(value, str) else value:
                words += ["--data", str(path)]
        else:
            words += ["--set", f"{key}={_text(value)}"]
    return shlex.join(words)


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list() | tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)
