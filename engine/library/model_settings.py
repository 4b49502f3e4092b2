"""How a person wants a model opened, by its name in the library: `model_settings.json` under the home.

What is not set is None, and chosen when the model is opened.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

from engine import files, paths
from engine.errors import EngineError
from engine.library import model_list
from engine.phrases import Phrase, phrase
from engine.runtime.base import CACHE_TYPES, SPECULATIONS, check_choice, check_option

log = logging.getLogger(__name__)

_LONGEST_TEMPLATE = 1 << 20  # characters
_FILE = "model_settings.json"
OF_GPT = ("context", "threads", "template")  # options that the in-house runtime has too


@dataclass(frozen=True)
class ModelSettings:
    """Every field None: automatic.

    context: positions. gpu_layers: how many lie on a graphics processor, -1 for all. batch: tokens of a prompt at once.
    cache_type: of keys and values, one of CACHE_TYPES. speculation: one of SPECULATIONS; `draft` needs draft_model, the
    path of a GGUF. adapters: (path of an adapter GGUF, strength), 1 for as it was trained. template: Jinja text in the
    place of the model's own.
    Raises EngineError `bad_option` for a value that cannot be.
    """

    context: int | None = None
    gpu_layers: int | None = None
    threads: int | None = None
    batch: int | None = None
    cache_type: str | None = None
    flash_attention: bool | None = None
    mmap: bool | None = None
    mlock: bool | None = None
    speculation: str | None = None
    draft_model: str | None = None
    adapters: tuple[tuple[str, float], ...] | None = None
    template: str | None = None

    def __post_init__(self) -> None:
        for name, least in (("context", 1), ("gpu_layers", -1), ("threads", 1), ("batch", 1)):
            check_option(name, getattr(self, name), least=least, most=2**31 - 1, whole=True)
        for name in ("flash_attention", "mmap", "mlock"):
            check_choice(name, getattr(self, name), (True, False))
        check_choice("cache_type", self.cache_type, CACHE_TYPES)
        check_choice("speculation", self.speculation, SPECULATIONS)
        _check("draft_model", self.draft_model, phrase("a path"), lambda value: isinstance(value, str) and value)
        longest = phrase("a text of at most {count:,} characters", count=_LONGEST_TEMPLATE)
        _check("template", self.template, longest, _is_template)
        _check("adapters", self.adapters, phrase("pairs of a path and a strength"), _are_adapters)

    def options(self, backend: str = "llama") -> dict[str, Any]:
        """The options of `open_backend` that are set, as far as this backend has them."""
        names = [field.name for field in fields(self)] if backend == "llama" else list(OF_GPT)
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def load(name: str) -> ModelSettings:
    """The settings of a model; all automatic where there are none. A value that cannot be is left out and logged."""
    kept: dict[str, Any] = {}
    values = _settings(_document()).get(name, {})
    for field in fields(ModelSettings):
        value = values.get(field.name)
        if field.name == "adapters" and isinstance(value, list):
            value = tuple(tuple(pair) if isinstance(pair, list) else pair for pair in value)
        try:
            ModelSettings(**{field.name: value})
            kept[field.name] = value
        except EngineError as error:
            log.warning("the settings of %r: %s", name, error)
    return ModelSettings(**kept)


def save(name: str, settings: ModelSettings) -> None:
    """Keep the settings of a model; those that are all automatic take no room. Raises EngineError and OSError."""
    with _changing() as kept:
        known = {field.name: getattr(settings, field.name) for field in fields(settings)}
        values = kept.get(name, {}) | known
        kept[name] = {key: value for key, value in values.items() if value is not None}


def duplicate(source: str, target: str) -> None:
    """Give one model the settings of another in the place of its own."""
    with _changing() as kept:
        kept[target] = kept.get(source, {})


def rename(old: str, new: str) -> None:
    """Follow a model to its new name."""
    with _changing() as kept:
        if old in kept:
            kept[new] = kept.pop(old)


def forget(name: str) -> None:
    with _changing() as kept:
        kept.pop(name, None)


def follow(moved: Callable[[str], str]) -> None:
    """Name files by their new paths; `moved` gives the new path of an old one."""
    with _changing() as kept:
        for values in kept.values():
            if isinstance(values.get("draft_model"), str):
                values["draft_model"] = moved(values["draft_model"])
            if isinstance(values.get("adapters"), list):
                values["adapters"] = [[moved(str(pair[0])), *pair[1:]] for pair in values["adapters"] if pair]


def _check(name: str, value: object, expected: Phrase, fits: Callable[[Any], object]) -> None:
    if value is not None and not fits(value):
        raise EngineError("bad_option", option=name, expected=expected, value=str(value)[:80])


def _is_template(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEMPLATE


def _are_adapters(value: object) -> bool:
    if not isinstance(value, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        return False
    for path, strength in value:
        check_option("strength", strength, least=-100, most=100)
        if not isinstance(path, str) or not path or strength is None:
            return False
    return True


@contextmanager
def _changing() -> Iterator[dict[str, dict[str, Any]]]:
    """The settings by the names of models, to be changed in place and written at the end."""
    with model_list.locked():
        document = _document()
        kept = _settings(document)
        before = json.dumps(kept)
        yield kept
        kept = {name: values for name, values in kept.items() if values}
        if json.dumps(kept) != before:
            files.write_json(paths.home() / _FILE, document | {"models": kept})


def _document() -> dict[str, Any]:
    """What the file holds, keys of newer versions too; {} where there is none. What is damaged is moved aside."""
    path = paths.home() / _FILE
    try:
        document = dict(json.loads(path.read_bytes()).items())
        _settings(document)
        return document
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        log.warning("the settings of models are damaged (%s); they were moved to %s", error, files.set_aside(path))
        return {}


def _settings(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: dict(values) for name, values in document.get("models", {}).items()}
