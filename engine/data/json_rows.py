"""The rows of JSON: lines, an array, an object that wraps one, or objects one after another. Strict JSON, streamed.

Python's own scanner reads one value at a place of the buffer, which costs a fifth less than cutting lines out first.
It takes NaN and infinities, which JSON does not have; those rows are rejected here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from engine.chat.messages import valid_unicode
from engine.data import rows
from engine.data.decoding import ESCAPED, Text
from engine.data.rows import NOT_UTF8, TOO_LONG, Broken, Row
from engine.errors import EngineError
from engine.phrases import Phrase, phrase

WRAPPERS = ("data", "rows", "examples", "train", "instances", "items", "records", "dataset")
_WRAPPED = re.compile(rf'\s*\{{\s*"({"|".join(WRAPPERS)})"\s*:\s*\[')
_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PATIENCE = 100  # lines that fail before each is cut out first, lest every failure reads on to the end of the buffer


class _NotANumber(ValueError):  # noqa: N818 (what stands there, not what failed)
    """NaN, Infinity or -Infinity."""

    def __init__(self, name: str) -> None:
        self.reason = phrase("{name} is no number in JSON", name=name)
        super().__init__(self.reason)


def _refuse_constant(name: str) -> Any:
    raise _NotANumber(name)


_Scan = Callable[[str, int], tuple[Any, int]]  # text and place -> value and its end; StopIteration where none is


def _scanner(**hooks: Any) -> _Scan:
    scan: _Scan = json.JSONDecoder(**hooks).scan_once  # type: ignore[attr-defined]
    return scan


_scan = _scanner(parse_constant=_refuse_constant)
# For what _scan refuses though its end can be found: integers of more digits than Python converts, and NaN.
_scan_long = _scanner(parse_constant=_refuse_constant, parse_int=str)
_scan_over = _scanner(parse_int=str)


class JsonRows:
    """Iterates over (line, characters, value). `notes` say what a person should know about the form of the file.

    A line that is not JSON comes as `Broken`; an array that is not ends with EngineError `data_line`, because where
    its next row would begin is not known. first_line: the number of the first line, where all are known to be rows.
    """

    def __init__(self, text: Text, first_line: int | None = None) -> None:
        self.text, self.notes, self._are_lines = text, text.notes, first_line is not None
        self._pieces = iter(text)
        self._buffer, self._at, self._line = "", 0, first_line or 1
        self._ended = self._careful = False
        self._failures = 0

    def __iter__(self) -> Iterator[Row]:
        if self._are_lines:
            yield from self._lines()
            return
        while not (begin := self._buffer.lstrip(" \t\n\r")):
            if not self._more():
                return
        self._skip_to(len(self._buffer) - len(begin))
        first = self._first_line()
        wrapped = _WRAPPED.match(self._buffer, self._at)
        alone = begin[0] == "[" or wrapped  # what is one value of all rows, unless another follows in the next line
        if first is not None and self._is_value(first) and (not alone or self._goes_on()):
            yield from self._lines()
        elif begin[0] == "[":
            self._at += 1
            yield from self._array()
        elif wrapped:
            self.notes.append(phrase("has its rows under `{name}`", name=wrapped[1]))
            self._skip_to(wrapped.end())
            yield from self._array(wrapped=True)
        elif begin[0] == "{" and self._spans_lines():
            yield from self._objects()
        else:
            yield from self._lines()

    # --- the buffer ---------------------------------------------------------------------------------------------

    def _more(self) -> bool:
        """Drop what was read from the buffer and add a piece to it; False where the file has ended."""
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        self._careful = self._careful or self.text.damaged or _SURROGATE.search(piece) is not None
        return True

    def _skip_to(self, at: int) -> None:
        self._line += self._buffer.count("\n", self._at, at)
        self._at = at

    def _skip_space(self) -> str:
        """The next character that is no white space; "" at the end of the file."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space is not None  # it also matches nothing
            self._skip_to(space.end())
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _first_line(self) -> str | None:
        """The line that begins here; None where it is longer than a row may be."""
        while (end := self._buffer.find("\n", self._at)) < 0:
            if len(self._buffer) - self._at > rows.LIMIT:
                return None
            if not self._more():
                end = len(self._buffer)
                break
        return self._buffer[self._at : end]

    def _goes_on(self) -> bool:
        """Whether something follows the first line."""
        at = self._buffer.find("\n", self._at)
        while at >= 0 and not self._buffer[at:].strip():
            at -= self._at
            if not self._more():
                return False
        return at >= 0

    def _is_value(self, text: str) -> bool:
        return not isinstance(self._value_of(text), Broken)

    def _spans_lines(self) -> bool:
        """Whether an object of several lines begins here."""
        try:
            scanned = self._scan_here()
        except (ValueError, RecursionError):
            return False
        return scanned is not None and "\n" in self._buffer[self._at : scanned[1]]

    # --- lines --------------------------------------------------------------------------------------------------

    def _lines(self) -> Iterator[Row]:
        while True:
            buffer, at, line = self._buffer, self._at, self._line
            find, quick = buffer.find, not self._careful and len(buffer) <= rows.LIMIT
            while (end := find("\n", at)) >= 0:
                if quick:
                    try:
                        value, stop = _scan(buffer, at)
                    except (StopIteration, ValueError, RecursionError):
                        stop = -1
                        self._failures += 1
                        quick = self._failures < _PATIENCE
                    if stop == end:
                        yield line, end - at, value
                        at, line = end + 1, line + 1
                        continue
                text = buffer[at:end]
                if text and not text.isspace():
                    yield line, end - at, self._value_of(text)
                at, line = end + 1, line + 1
            self._at, self._line = at, line
            if len(buffer) - at > rows.LIMIT:
                yield self._skip_line()
            elif not self._more():
                text = self._buffer[self._at :]
                if text and not text.isspace():
                    yield self._line, len(text), self._value_of(text)
                return
            self._careful = self._careful or self._failures >= _PATIENCE

    def _skip_line(self) -> Row:
        """Past a line that is too long to be a row, without holding it."""
        line, size = self._line, 0
        while (end := self._buffer.find("\n", self._at)) < 0:
            size += len(self._buffer) - self._at
            self._at = len(self._buffer)
            if not self._more():
                return line, size, TOO_LONG
        size += end - self._at
        self._skip_to(end + 1)
        return line, size, TOO_LONG

    def _value_of(self, text: str) -> Any:
        """The one value of a text, or Broken."""
        if len(text) > rows.LIMIT:
            return TOO_LONG
        if self.text.damaged and ESCAPED.search(text):
            return NOT_UTF8
        try:
            value, stop = _scan_any(text, len(text) - len(text.lstrip(" \t\n\r")))
            if rest := text[stop:].strip(" \t\n\r"):
                place = text.index(rest, stop) + 1
                return Broken(phrase("not valid JSON (extra data at character {place})", place=place))
            return self._repaired(value) if _SURROGATE.search(text) else value
        except (StopIteration, ValueError, RecursionError) as error:
            return Broken(_reason(error))

    def _repaired(self, value: Any) -> Any:
        """`value` with every text in it as UTF-8 can hold it. Raises RecursionError."""
        match value:
            case str():
                valid = valid_unicode(value)
                if valid != value and _REPAIRED not in self.notes:
                    self.notes.append(_REPAIRED)
                return valid
            case list():
                return [self._repaired(item) for item in value]
            case dict():
                return {self._repaired(key): self._repaired(item) for key, item in value.items()}
            case _:
                return value

    # --- arrays and objects -------------------------------------------------------------------------------------

    def _array(self, wrapped: bool = False) -> Iterator[Row]:
        """The items of an array whose bracket has been read, up to the end of the file."""
        if self._skip_space() != "]":
            while True:
                yield self._item()
                found = self._skip_space()
                if found == "]":
                    break
                if found != ",":
                    self._fail(
                        phrase("a comma or the end of the array is missing")
                        if found
                        else phrase("the array does not end")
                    )
                self._at += 1
                if self._skip_space() == "]":
                    self._fail(phrase("a comma stands before the end of the array"))
        self._at += 1
        if wrapped:
            self._unwrap()
        elif self._skip_space():
            self._fail(phrase("something follows the array"))

    def _objects(self) -> Iterator[Row]:
        """Values one after another, each of one or several lines."""
        while self._skip_space():
            yield self._item()

    def _item(self) -> Row:
        """The value that begins here. Raises EngineError `data_line`."""
        line = self._line
        try:
            scanned = self._scan_here()
        except (ValueError, RecursionError) as error:
            self._fail(_reason(error), getattr(error, "pos", self._at))
        if scanned is None:
            too_long = len(self._buffer) - self._at > rows.LIMIT
            self._fail(TOO_LONG.reason if too_long else phrase("a value is missing"))
        value, stop = scanned
        text = self._buffer[self._at : stop]
        self._skip_to(stop)
        if self._careful and self.text.damaged and ESCAPED.search(text):
            value = NOT_UTF8
        elif self._careful and _SURROGATE.search(text):
            value = self._repaired(value)
        return line, len(text), TOO_LONG if len(text) > rows.LIMIT else value

    def _scan_here(self) -> tuple[Any, int] | None:
        """The value that begins here and its end, reading on as long as it has none; None where there is no value.

        Raises ValueError or RecursionError where it has no end within the longest row.
        """
        while True:
            try:
                value, stop = _scan_any(self._buffer, self._at)
                if stop < len(self._buffer) or not self._more():
                    return value, stop
            except (StopIteration, ValueError) as error:
                if len(self._buffer) - self._at > rows.LIMIT or not self._more():
                    if isinstance(error, StopIteration):
                        return None
                    raise

    def _unwrap(self) -> None:
        """What follows the array in the object around it must end that object, and the file."""
        while len(self._buffer) - self._at <= rows.LIMIT and self._more():
            pass
        rest = '{"":0' + self._buffer[self._at :]
        if not self._ended or not isinstance(self._value_of(rest), dict):
            self._fail(phrase("the object around the rows does not end as it should"))

    def _fail(self, reason: Phrase, at: int | None = None) -> NoReturn:
        if at is not None:
            self._skip_to(max(self._at, min(at, len(self._buffer))))
        raise EngineError("data_line", place=self.text.place, line=self._line, reason=reason)


_REPAIRED = phrase("has halves of characters (lone surrogates), which were replaced")


def _scan_any(text: str, at: int) -> tuple[Any, int]:
    """`_scan` that takes integers of any length, and finds the end of a value with NaN in it, which is Broken."""
    try:
        return _scan(text, at)
    except _NotANumber as error:
        return Broken(error.reason), _scan_over(text, at)[1]
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _scan_long(text, at)


def _reason(error: Exception) -> Phrase:
    match error:
        case json.JSONDecodeError():
            problem = f"{error.msg[0].lower()}{error.msg[1:]}"
            return phrase("not valid JSON ({problem} at character {place})", problem=problem, place=error.colno)
        case StopIteration():
            return phrase("not valid JSON (a value is missing)")
        case RecursionError():
            return phrase("nested too deeply")
        case _:
            return phrase("not valid JSON ({problem})", problem=str(error))
