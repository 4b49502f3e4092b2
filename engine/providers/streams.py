"""What a provider sends, piece by piece: server-sent events and lines of JSON, and readers that trust neither.

Sizes are bounded where the bytes come in (`connection`); here is what their content may be. Whether a reply that ended
was at its end is for its dialect to tell.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError

if TYPE_CHECKING:
    import httpx2

DEEPEST = 64  # an API's answers nest about ten deep
LARGEST_EVENT = 1 << 20

_LINE_END = re.compile(rb"\r\n|\n|\r(?=.)", re.DOTALL)  # a last \r waits for what follows it
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def server_sent(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream of server-sent events, up to `[DONE]` or the end of the bytes.

    Of the fields only `data` counts, and `error`, as older llama.cpp servers name one: it comes as {"error": …}.
    Raises EngineError `provider_strange` and `provider_too_much`. A last event that was cut off is left out.
    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    if response.headers.get("Content-Type", "").lower().startswith("text/html"):
        raise EngineError("provider_strange", detail="a web page", name=_name(response))
    said, size = list[str](), 0
    for line, _ in _lines(response):
        name, _, value = line.partition(":")
        if name == "error" and value:
            yield {"error": _object(value, response)}
        elif name == "data":
            said.append(value.removeprefix(" "))
            size += len(value)
            if size > LARGEST_EVENT:
                raise EngineError("provider_too_much", name=_name(response))
        elif not line and said:
            event, said, size = "\n".join(said), [], 0
            if event.strip() == "[DONE]":
                return
            if event.strip():
                yield _object(event, response)
    if said and (last := "\n".join(said)).strip() != "[DONE]":
        yield from _last(last)


def json_lines(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """The JSON objects of a stream that has one a line. Raises EngineError as `server_sent` does."""
    for line, is_whole in _lines(response):
        if not is_whole:
            yield from _last(line)
        elif line.strip():
            yield _object(line, response)


def parsed(text: str | bytes) -> Any:
    """JSON that nests no deeper than an API's does. Raises ValueError."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if text.count("[") + text.count("{") > DEEPEST:
        _check_depth(text)
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _check_depth(text: str) -> None:
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")


def _object(text: str, response: httpx2.Response) -> dict[str, Any]:
    try:
        found = parsed(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise EngineError("provider_strange", detail="no JSON object", name=_name(response))
    return found


def _last(text: str) -> Iterator[dict[str, Any]]:
    """What stands at the end without the mark of its end: whole, or cut off and worth nothing."""
    try:
        found = parsed(text)
    except ValueError:
        return
    if isinstance(found, dict):
        yield found


def _lines(response: httpx2.Response) -> Iterator[tuple[str, bool]]:
    """The lines as they come, and whether they have an end: what follows the last one has none."""
    kept = bytearray()
    for piece in response.iter_bytes():
        start, seen = 0, max(0, len(kept) - 1)
        kept += piece
        for end in _LINE_END.finditer(kept, seen):
            yield kept[start : end.start()].decode("utf-8", "replace"), True
            start = end.end()
        del kept[:start]
    if kept:
        yield kept.rstrip(b"\r").decode("utf-8", "replace"), False


def _name(response: httpx2.Response) -> str:
    return str(response.extensions.get("provider", ""))


# --- values, found by a path of keys and places, such as ("choices", 0, "delta", "content") --------------------------


def value(data: Any, *path: str | int) -> Any:
    """What is there, or None."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and -len(data) <= step < len(data):
            data = data[step]
        else:
            return None
    return data


def text(data: Any, *path: str | int) -> str | None:
    """A text that can be written anywhere: half a pair of UTF-16 becomes a replacement character."""
    found = value(data, *path)
    return clean(found) if isinstance(found, str) else None


def number(data: Any, *path: str | int) -> float | None:
    found = value(data, *path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found) if math.isfinite(found) else None
    except OverflowError:
        return None


def whole(data: Any, *path: str | int) -> int | None:
    """A count: a whole number from 0 to 2⁵³."""
    found = number(data, *path)
    return int(found) if found is not None and 0 <= found <= 1 << 53 and found == int(found) else None


def flag(data: Any, *path: str | int) -> bool | None:
    found = value(data, *path)
    return found if isinstance(found, bool) else None


def items(data: Any, *path: str | int) -> list[Any]:
    """A list, or an empty one."""
    found = value(data, *path)
    return found if isinstance(found, list) else []


def part(data: Any, *path: str | int) -> dict[str, Any]:
    """An object, or an empty one."""
    found = value(data, *path)
    return found if isinstance(found, dict) else {}


def clean(found: str) -> str:
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
