"""What a chat template may use: sandboxed Jinja with the same names as transformers' `apply_chat_template`.

Imported by the template process only; templates come from model files and are never trusted.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from engine.phrases import phrase

_LONGEST = 100  # characters of a template's own that are said


class RefusalError(TemplateError):
    """The template itself declined the conversation, with `raise_exception`."""


class OutputLimitError(Exception):
    """The rendering grew beyond its limit."""


def render(template: str, values: dict[str, Any], limit_bytes: int) -> str:
    """The rendered text. Raises OutputLimitError beyond `limit_bytes` of UTF-8, and whatever the template provokes."""
    pieces: list[str] = []
    size = 0
    # In pieces, so that an endless loop that prints is stopped by its output long before its time.
    for piece in _compiled(template).generate(tools=None, documents=None, **values):
        size += len(piece.encode("utf-8", "surrogatepass"))
        if size > limit_bytes:
            raise OutputLimitError
        pieces.append(piece)
    return "".join(pieces)


@lru_cache(maxsize=8)
def _compiled(template: str) -> Template:
    environment = _Environment(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols])
    environment.filters["tojson"] = _tojson
    environment.globals |= {
        "raise_exception": _raise_exception,
        "strftime_now": _strftime_now,
        "namespace": _Namespace,
    }
    return environment.from_string(template)


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, except that what it would show as nothing is an error: no honest template reaches there."""

    def unsafe_undefined(self, obj: Any, attribute: str) -> NoReturn:
        raise SecurityError(
            phrase("it reaches for {name} of a {kind}", name=repr(attribute)[:_LONGEST], kind=type(obj).__name__)
        )


class _Generation(Extension):
    """`{% generation %}…{% endgeneration %}` marks what a model wrote; here its body is simply rendered."""

    tags = {"generation"}  # noqa: RUF012 (Jinja's own declaration)

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body, lineno=line)


class _Namespace(Namespace):
    """Jinja's namespace without names that begin with an underscore: those lead to Python's internals."""

    def __init__(*args: Any, **values: Any) -> None:
        self, *rest = args
        for name in dict(*rest, **values):
            _check_name(name)
        Namespace.__init__(self, *rest, **values)

    def __setitem__(self, name: str, value: Any) -> None:
        _check_name(name)
        super().__setitem__(name, value)


def _check_name(name: str) -> None:
    if name.startswith("_"):
        raise SecurityError(phrase("a namespace may not hold the name {name}", name=repr(name)[:_LONGEST]))


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    # Jinja's own filter escapes for HTML; models were trained on plain JSON.
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise_exception(message: str) -> NoReturn:
    raise RefusalError(str(message))


def _strftime_now(form: str) -> str:
    return datetime.now().strftime(form)
