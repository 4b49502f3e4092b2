"""Colours for code: Pygments, a window of lines at a time, so that a growing listing costs the same for every line.

A window ends where no string or comment is open, so what a line looks like depends only on the lines above it and on
the few below it that belong to the same window; a finished line never changes its colours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, _TokenType

WINDOW = 64  # lines looked at together; doubled while a string or comment stays open
WIDEST = 4 * WINDOW
WIDTH = 64  # characters a line of a window may have on average
LONG_LINE = 1000  # longer lines (minified code, data) stay plain

# Only these are ever looked up: a label is the model's own text, and each lexer is a set of regular expressions.
LANGUAGES = frozenset(
    """
    ada asm awk bash basic bat batch c c# c++ clojure cmake console cpp cs csharp css cuda d dart diff docker
    dockerfile elixir elm erlang f# fortran fsharp glsl go golang graphql groovy haskell hcl hs html http ini java
    javascript jinja js json jsx julia kotlin latex lisp llvm lua make makefile markdown matlab md mysql nasm nim
    nix objective-c ocaml octave pascal perl php pl postgres powershell prolog properties proto protobuf ps1 py
    python python3 r racket rb rs rst ruby rust scala scheme scss sh shell solidity sql swift systemverilog tcl
    terraform tex toml ts tsx typescript udiff vbnet verilog vhdl vim wast xml yaml yml zig zsh
    """.split()
)

_ROLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment.Preproc, "keyword"),
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (String, "string"),
    (Number, "number"),
    (Literal, "string"),
    (Name.Function, "name"),
    (Name.Class, "name"),
    (Name.Namespace, "name"),
    (Name.Decorator, "name"),
    (Name.Attribute, "name"),
    (Name.Tag, "keyword"),
    (Name.Builtin, "builtin"),
    (Name.Exception, "builtin"),
    (Name.Constant, "number"),
    (Generic.Deleted, "removed"),
    (Generic.Inserted, "added"),
    (Generic.Heading, "name"),
    (Generic.Subheading, "name"),
    (Generic.Prompt, "comment"),
)
ROLES = ("comment", "keyword", "string", "number", "name", "builtin", "removed", "added")


class Piece(NamedTuple):
    """A stretch of one line of code; `role` is one of ROLES, or empty for plain text."""

    text: str
    role: str = ""


CodeLine = tuple[Piece, ...]


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    if language not in LANGUAGES:
        return None
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def _within(token: _TokenType, parent: _TokenType) -> bool:
    return bool(token[: len(parent)] == parent)


@lru_cache(maxsize=512)
def _role(token: _TokenType) -> str:
    return next((role for parent, role in _ROLES if _within(token, parent)), "")


@lru_cache(maxsize=512)
def _spans_lines(token: _TokenType) -> bool:
    one_line = _within(token, Comment.Single) or _within(token, Comment.Preproc)
    return _within(token, String) or (_within(token, Comment) and not one_line)


def _plain(line: str) -> CodeLine:
    return (Piece(line),) if line else ()


class Highlighter:
    """Takes a listing line by line and gives every line back exactly once, coloured and final."""

    def __init__(self, language: str) -> None:
        self._lexer = _lexer(language.lower())
        self._waiting: list[str] = []
        self._window = WINDOW

    def add(self, line: str) -> list[CodeLine]:
        """Take one whole line; return the lines that have become final."""
        if self._lexer is None:
            return [_plain(line)]
        if len(line) > LONG_LINE:
            return [*self.close(), _plain(line)]
        self._waiting.append(line)
        if len(self._waiting) < self._window and sum(map(len, self._waiting)) < self._window * WIDTH:
            return []
        lines, calm = _colour(self._lexer, self._waiting)
        end = _window_end(self._waiting, calm)
        if end == 0 and self._window < WIDEST:
            self._window *= 2
            return []
        end = end or len(lines)
        del self._waiting[:end]
        self._window = WINDOW
        return lines[:end]

    def peek(self, rest: str = "") -> list[CodeLine]:
        """The lines that are not final yet, and `rest`, a line that has only begun, as they look so far."""
        if self._lexer is None or len(rest) > LONG_LINE:
            return [*self.peek(), _plain(rest)] if rest else []
        lines = [*self._waiting, rest] if rest else self._waiting
        return _colour(self._lexer, lines)[0] if lines else []

    def close(self) -> list[CodeLine]:
        """The lines that were not final yet; the listing ends or starts afresh here."""
        lines = self.peek()
        self._waiting.clear()
        self._window = WINDOW
        return lines


def _colour(lexer: Lexer, source: Sequence[str]) -> tuple[list[CodeLine], list[bool]]:
    """The lines in colour, and for each whether neither string nor comment is open at its end."""
    lines: list[CodeLine] = []
    calm: list[bool] = []
    pieces: list[Piece] = []
    text = "\n".join(source) + "\n"
    try:
        tokens = list(lexer.get_tokens_unprocessed(text))
    except Exception:  # a lexer's mistake costs the colours, never the text
        return [_plain(line) for line in source], [True] * len(source)
    at = 0
    for start, token, value in tokens:
        if start != at or not text.startswith(value, at):
            break
        at += len(value)
        first, *more = value.split("\n")
        _extend(pieces, first, _role(token))
        for part in more:
            lines.append(tuple(pieces))
            calm.append(not _spans_lines(token))
            pieces = []
            _extend(pieces, part, _role(token))
    if at != len(text):
        return [_plain(line) for line in source], [True] * len(source)
    return lines, calm


def _extend(pieces: list[Piece], text: str, role: str) -> None:
    if not text:
        return
    if pieces and (pieces[-1].role == role or text.isspace()):
        pieces[-1] = Piece(pieces[-1].text + text, pieces[-1].role)
    else:
        pieces.append(Piece(text, role))


def _window_end(source: Sequence[str], calm: Sequence[bool]) -> int:
    """How many lines to finish: best up to a blank line before one that is not indented; 0 when none is calm."""

    def last(test: Callable[[int], bool]) -> int:
        return next((i + 1 for i in reversed(range(len(source) - 1)) if calm[i] and test(i)), 0)

    blank = last(lambda i: not source[i].strip() and source[i + 1][:1].strip() != "")
    return blank or last(lambda i: True)
