"""Servers that mean harm, over a real connection: each ends in one sentence, in memory that stays flat, at once.

The guest is a process of its own, so that its memory can be measured; the largest line is really sent.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rough_server import RoughServer, Script, head, say

from engine.providers import connection

ROOT = Path(connection.__file__).parents[2]
KEY = "sk-canaryQWERTY0123456789"
MOST_GROWTH = 150 << 20  # bytes beyond what an idle guest takes; a reply may hold 64 MiB

# Asks in the way that its second argument names, and says how it ended and how its memory grew.
_GUEST = """
import json, resource, sys
import anthropic, openai
from engine.errors import EngineError
from engine.providers import connection, streams
from engine.providers.base import Provider

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def ask(way, asked):
    with connection.client(asked, sys.argv[1]) as client, connection.failing(asked, "m"):
        given = {"api_key": "-", "base_url": asked.address, "http_client": client, "max_retries": 0}
        if way == "get":
            return len(json.dumps(client.get("/models").raise_for_status().json()))
        if way == "openai":
            chunks = openai.OpenAI(**given).chat.completions.create(model="m", messages=[], stream=True)
            return sum(len(str(chunk.choices[0].delta.content)) for chunk in chunks)
        if way == "anthropic":
            chunks = anthropic.Anthropic(**given).messages.create(model="m", messages=[], max_tokens=9, stream=True)
            return sum(len(str(chunk.type)) for chunk in chunks)
        if way == "openai list":
            return len(openai.OpenAI(**given).models.list().data)
        reader = streams.json_lines if way == "lines" else streams.server_sent
        with client.stream("POST", "/chat", json={}) as response:
            return sum(len(streams.text(event, "a") or "") for event in reader(response.raise_for_status()))

for line in sys.stdin:
    way, address = json.loads(line)
    before = peak()
    try:
        ended = "whole", ask(way, Provider("box", "anthropic" if way == "anthropic" else "compatible", address))
    except EngineError as error:
        ended = error.code, str(error)
    print(json.dumps([*ended, peak() - before]), flush=True)
"""
WAYS = ("events", "lines", "openai", "anthropic", "get", "openai list")


class Guest:
    def __init__(self) -> None:
        command = [sys.executable, "-c", _GUEST, KEY]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )

    def ask(self, way: str, server: RoughServer) -> tuple[str, Any, int]:
        """How it ended: a code, or "whole"; its sentence; and by how many bytes its peak of memory grew."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([way, server.url]) + "\n")
        self._process.stdin.flush()
        code, said, growth = json.loads(self._process.stdout.readline())
        return code, said, growth

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def guest() -> Any:
    asked = Guest()
    yield asked
    asked.close()


def endless(first: bytes, piece: bytes, most: int) -> Script:
    """Says `piece` again and again, up to so many bytes: far more than is taken."""

    def script(guest: socket.socket, request: bytes) -> None:
        guest.sendall(first)
        block = piece * max(1, (1 << 20) // len(piece))
        for _ in range(most // len(block) + 1):
            guest.sendall(block)

    return script


STREAMS = ("text/event-stream", "application/x-ndjson", "text/event-stream; charset=utf-8")
KINDS = (*STREAMS, "application/json", "text/html", "", "image/png")
VALUES = (b"null", b"1", b"-1", b"1e999", b"NaN", b'"x"', b"[]", b"{}", b"true", b'"\\ud800"', b"[[[]]]", b"9" * 5000)


def longest_line(random: random.Random, most: int) -> Script:
    begun = random.choice([b"data: ", b'data: {"a": "', b"", b": ", b'{"a": "', b"event: "])
    return endless(head(kind=random.choice(KINDS)) + begun, random.choice([b"x", b"[", b'{"a":', b"\\u0000"]), most)


def endless_stream(random: random.Random, most: int) -> Script:
    piece = random.choice(
        [
            b": still here\n\n",
            b'data: {"a": 1}\n\n',
            b"\n",
            b"\r",
            b'{"a": "b"}\n',
            b"data: 1\n",
            b"data:\n\n",
            b"[],",
            b"1,",
        ]
    )
    return endless(head(kind=random.choice(KINDS)), piece, most)


def deep(random: random.Random, most: int) -> Script:
    depth = random.choice([65, 900, 1100, 100_000, 400_000])
    value = random.choice([b"[" * depth, b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth])
    return say(head(kind=random.choice(KINDS)), random.choice([b"data: ", b""]) + value + b"\n\n")


def wrong_types(random: random.Random, most: int) -> Script:
    def any_of(*more: bytes) -> bytes:
        return random.choice(VALUES + more)

    choice = b'{"index": %s, "delta": %s, "finish_reason": %s}' % (
        any_of(), any_of(b'{"content": %s, "role": %s}' % (any_of(), any_of())), any_of(),
    )  # fmt: skip
    event = b'{"id": %s, "type": %s, "choices": %s, "usage": %s, "data": %s, "error": %s, "a": %s}' % (
        any_of(), any_of(b'"message_start"', b'"content_block_delta"', b'"error"'), any_of(b"[%s]" % choice), any_of(),
        any_of(b'[{"id": %s}]' % any_of()), any_of(), any_of(),
    )  # fmt: skip
    said = random.choice([event, any_of(), event[: random.randrange(len(event))]])
    form = random.choice([b"data: %s\n\n", b"event: message_start\ndata: %s\n\n", b"%s\n", b"%s"])
    return say(head(kind=random.choice(KINDS)), form % said * random.choice([1, 2, 500]))


def packed(random: random.Random, most: int) -> Script:
    bomb = gzip.compress(bytes(50 << 20), 6)
    name = random.choice(["gzip", "deflate", "br", "zstd", "GZIP", "gzip, gzip", "x"])
    if name == "deflate":
        bomb = zlib.compress(bytes(50 << 20))
    return say(head(kind=random.choice(KINDS), Content_Encoding=name), bomb)


def redirect(random: random.Random, most: int) -> Script:
    where = random.choice(
        ["http://evil.example/", "//evil.example", "/other", "file:///etc/passwd", "http://[", "\x01", ""]
    )
    return say(head(random.choice([301, 302, 303, 307, 308]), Location=where))


def refusal(random: random.Random, most: int) -> Script:
    status = random.choice([400, 401, 403, 404, 413, 418, 429, 500, 503, 599])
    said = random.choice([b"x", b"<html>", b'{"error": {"message": "', b"[", KEY.encode(), b'{"detail": [1,'])
    return endless(head(status, random.choice(KINDS)), said, random.choice([1, 1 << 20, most]))


def no_http(random: random.Random, most: int) -> Script:
    said = random.choice(
        [
            b"", b"\0" * 1000, b"HTTP/1.1 999 X\r\n\r\n", b"HTTP/1.1 -1\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/3 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", head() + b"\xff\xfe\xfa\n\n",
            b"HTTP/1.1 200 OK\r\nX: y\r\n z\r\n: w\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
            b"HTTP/1.1 101 Switching\r\n\r\nx", b"HTTP/1.1 204 No\r\n\r\n", b"HTTP/1.1 304 Not\r\n\r\n",
        ]
    )  # fmt: skip
    return random.choice(
        [say(said), endless(b"HTTP/1.1 200 OK\r\n", random.choice([b"X: y\r\n", b"X"]), 8 << 20), say(said)]
    )


HARMS: tuple[Callable[[random.Random, int], Script], ...] = (
    longest_line, endless_stream, deep, wrong_types, packed, redirect, refusal, no_http,
)  # fmt: skip


@pytest.mark.trial(sample=48, full=1200)
def test_whatever_a_server_sends_ends_in_a_sentence(trials: range, guest: Guest) -> None:
    most = 80 << 20 if len(trials) < 100 else 200 << 20
    for seed in trials:
        chance = random.Random(seed)
        harm, way = HARMS[seed % len(HARMS)], chance.choice(WAYS)
        with RoughServer(harm(chance, most)) as server:
            code, said, growth = guest.ask(way, server)
            told = f"{harm.__name__} {seed} by {way}: {code} {said}"
            assert code == "whole" or code.startswith("provider_"), told
            assert KEY not in str(said), told
            assert "\n" not in str(said), told
            assert growth < MOST_GROWTH, told
            if harm in (packed, redirect, refusal):
                assert code != "whole", told


@pytest.mark.trial(sample=1, full=6)
def test_a_line_of_a_gigabyte_takes_no_memory(trials: range) -> None:
    """At full count all of it is offered; it is cut off at a mebibyte, so hardly any of it is taken."""
    most = (1 << 30) if len(trials) > 1 else 32 << 20
    for seed in trials:
        asked = Guest()
        for first in (b"data: ", b'data: {"a": "'):
            with RoughServer(endless(head() + first, b"x", most)) as server:
                code, said, growth = asked.ask(WAYS[seed % 4], server)
                assert code == "provider_too_much", said
                assert said == "box sent more than any reply needs, so it was cut off."
                assert growth < 24 << 20
        asked.close()
