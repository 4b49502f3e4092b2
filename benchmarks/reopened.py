"""A long chat that is reopened: how long the first token takes with the state that was kept, and without.

    python benchmarks/reopened.py [--models starter starter-gpt q8_0 gpt] [--tokens 4000] [--rounds 5] [--cache TYPE]

`starter` and `starter-gpt` are the starter in both runtimes, with as long a chat as it can hold; a GGUF type and `gpt`
are a model of 110M parameters, made on the spot, whose weights mean nothing. Each round opens the model anew, twice,
for a chat with what was kept of it and for one without, in turn; the kept file is read from the disk and not from the
system's memory of it (where the system can forget a file). Medians.

copy: what the next message might have to wait for. keep: hashing, writing and flushing, beside all else.
Promise: the first token with what was kept comes in at most 0.15 of the time without.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from engine.benchmarks import synthetic
from engine.benchmarks.quiet import Others
from engine.chat import kept_states
from engine.chat.backend import LocalBackend, open_backend
from engine.chat.messages import Asked, ChatOptions, Message
from engine.events import Finished, TextDelta
from engine.paths import resource
from engine.runtime.base import Sampling

CHAT = 1
ROOM = 160  # positions left for the question and its reply
GREEDY = ChatOptions(Sampling(temperature=0), max_tokens=8)


@dataclass
class Model:
    path: str | Path
    backend: str | None
    tokens: int
    options: dict[str, object]

    def open(self) -> LocalBackend:
        backend = open_backend(self.path, self.backend, **self.options)
        assert isinstance(backend, LocalBackend)
        backend._render([Message("user", "")])  # the process for templates stands: both would wait for it
        return backend


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", default=["starter", "starter-gpt", "q8_0", "gpt"])
    parser.add_argument("--tokens", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cache", help="what llama.cpp keeps keys and values as")
    chosen = parser.parse_args()
    print(f"{'model':12} {'tokens':>6} {'kept':>9} {'copy':>8} {'keep':>8} {'without':>9} {'with':>9} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEEDLING_HOME"] = f"{folder}/home"
        for name in chosen.models:
            others = Others()
            measure(name, model(name, Path(folder), chosen.tokens, chosen.cache), chosen.rounds)
            if others.used() > others.allowed:
                print(f"  busy: other programs used {others.used():.1f} of {others.processors} processors meanwhile")


def model(name: str, folder: Path, tokens: int, cache: str | None) -> Model:
    options: dict[str, object] = {} if cache is None or name in ("gpt", "starter-gpt") else {"cache_type": cache}
    if name.startswith("starter"):
        return Model("starter", "gpt" if name.endswith("gpt") else "llama", 1024 - ROOM, options)
    shape = replace(synthetic.SHAPE, context=tokens + ROOM)
    path = synthetic.write(folder, None if name == "gpt" else name, shape)
    return Model(path, None, tokens, {"context": tokens + ROOM, **options})


def measure(name: str, model: Model, rounds: int) -> None:
    said, copy_s, keep_s = lead(model)
    path = kept_states.folder() / f"{CHAT}.state"
    content, figures = path.read_bytes(), {"with": [], "without": []}
    for _ in range(rounds):
        for how, seconds in figures.items():
            put_on_disk(path, content)
            backend = model.open()
            stats, _ = reply(backend, said, Asked(CHAT, time.time()) if how == "with" else None)
            assert (stats["cached_tokens"] > 0) == (how == "with")
            seconds.append(stats["first_token_seconds"])
            backend.close()
    found, without = (statistics.median(figures[how]) for how in ("with", "without"))
    print(
        f"{name:12} {stats['prompt_tokens']:6} {len(content) / 1e6:6.1f} MB {1000 * copy_s:5.0f} ms "
        f"{1000 * keep_s:5.0f} ms {1000 * without:6.0f} ms {1000 * found:6.0f} ms {found / without:6.3f}",
        flush=True,
    )
    path.unlink()


def lead(model: Model) -> tuple[list[Message], float, float]:
    """A chat of so many tokens, kept, and the next question; the seconds that copying and keeping its state took."""
    backend = model.open()
    text = resource("check.txt").read_text(encoding="utf-8")
    length = len(backend._runtime.tokenize(text, special=False))
    text = (text * (1 + model.tokens // length))[: int(len(text) * (model.tokens - 60) / length)]
    said = [Message("user", text)]
    stats, answer = reply(backend, said, None)
    said += [Message("assistant", answer, tuple(stats["tokens"]), stats["model"]), Message("user", "What then?")]
    began = time.perf_counter()
    state = backend._thread.submit(backend._runtime.copy_state).result()
    copied = time.perf_counter()
    about = {
        "template": backend._keeping._template,
        "seconds_per_token": stats["prompt_seconds"] / stats["prompt_tokens"],
    }
    assert kept_states.keep(Asked(CHAT, time.time()), about, state)
    kept = time.perf_counter()
    backend.close()
    return said, copied - began, kept - copied


def reply(backend: LocalBackend, said: list[Message], asked: Asked | None) -> tuple[dict, str]:
    *events, end = backend.stream(said, GREEDY, None, asked)
    assert isinstance(end, Finished)
    return end.stats, "".join(event.text for event in events if isinstance(event, TextDelta))


def put_on_disk(path: Path, content: bytes) -> None:
    """And out of the system's memory, so that reading it is reading a disk."""
    path.write_bytes(content)
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
