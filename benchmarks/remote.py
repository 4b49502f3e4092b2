"""What Seedling adds to a reply of a real server: `python benchmarks/remote.py [--rounds N]`, after `make peers`.

llama-cpp-python's server writes the same reply with the starter, by turns for curl and for Seedling's chat backend,
which tells every token as an event. Tokens are counted from the first to the end of the reply, so that starting curl's
process does not count; until the first it does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from real_servers import absent, llama_cpp_server

from engine.chat.messages import ChatOptions, Message
from engine.events import TextDelta
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel
from engine.providers.remote_backend import RemoteBackend, open_remote

ASKED = "Tell me a story about a dog."
SEED, MOST, CONTEXT = 11, 900, 1024
WARM_UP = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    args = parser.parse_args()
    if why := absent("llama_cpp"):
        print(why)
        return 1
    with tempfile.TemporaryDirectory() as place, llama_cpp_server(Path(place), context=CONTEXT) as server:
        os.environ["SEEDLING_HOME"] = place
        provider_list.add(Provider("real", "compatible", server.url), [RemoteModel("real", "starter")])
        backend = open_remote("real/starter", None, {})
        turns = [(by_curl(server.url), by_seedling(backend)) for _ in range(args.rounds + WARM_UP)][WARM_UP:]
        backend.close()
    for who, taken in zip(("curl", "Seedling"), zip(*turns, strict=True), strict=True):
        speed = median(map(speed_of, taken))
        first = median(first for _, first, _ in taken)
        print(f"{who:9} {speed:7.1f} tokens/s   first after {first * 1000:5.1f} ms   {taken[0][2]} tokens")
    ratio = median(speed_of(ours) / speed_of(theirs) for theirs, ours in turns)
    print(f"ratio     {ratio:7.3f}   median of {args.rounds} turns")
    return 0


def speed_of(taken: tuple[float, float, int]) -> float:
    whole, first, pieces = taken
    return (pieces - 1) / (whole - first)


def by_curl(url: str) -> tuple[float, float, int]:
    """Seconds to the end and to the first piece, and how many pieces."""
    body = {"model": "starter", "messages": [{"role": "user", "content": ASKED}], "stream": True}
    command = ["curl", "-sN", "--noproxy", "*", "-H", "Content-Type: application/json", f"{url}/v1/chat/completions"]
    command += ["-d", json.dumps(body | {"seed": SEED, "max_tokens": MOST})]
    first, pieces, begun = 0.0, 0, perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if b'"content"' in line:
                first = first or perf_counter() - begun
                pieces += 1
    return perf_counter() - begun, first, pieces


def by_seedling(backend: RemoteBackend) -> tuple[float, float, int]:
    options = ChatOptions.from_json({"seed": SEED, "max_tokens": MOST})
    first, pieces, begun = 0.0, 0, perf_counter()
    for event in backend.stream([Message("user", ASKED)], options):
        if isinstance(event, TextDelta):
            first = first or perf_counter() - begun
            pieces += 1
    return perf_counter() - begun, first, pieces


if __name__ == "__main__":
    sys.exit(main())
