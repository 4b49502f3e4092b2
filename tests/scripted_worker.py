"""A worker that speaks the real protocol and misbehaves on command: test equipment for the window.

Jobs: `load` answers at once, or does what the model's file name says (`crash`, `hang`, `slow`,
`stubborn`, `refuse`, `die-HOW`).
Any other job does what `params["do"]` says, or the last chat message where it begins with "do ":

    say TEXT · count N [DELAY_MS] · write N PER_SECOND (a text with headings, lists and code)
    fail CODE · exit N · crash SIGNAL · gasp TEXT (to stderr, then SIGABRT)
    hang (looks at nothing) · deaf (streams on, whatever is cancelled) · busy SECONDS (computes, no events)
    garbage · binary · endless (a line without end) · flood N · twice (two endings)
    alien · after (events after the end, during the next job) · environment · received (how many bytes the request had)
    noise [TEXT] (on stderr, else a flood of it) · fall CODE (many words, the failure, and gone)
    think THOUGHT | REPLY · muse N DELAY_MS · options (says what it was asked with)
    key (says what it was loaded with) · bill · warn TEXT · cut CODE (a word, then the failure)
    explain (warns with a phrase)
    silent SECONDS (does nothing, then says a word)
    die HOW WHEN: `prompt`, `decode`, `idle` (after its reply), `unload` (when the next model is loaded), or at
        the WHENth word; HOW is a signal's name, `exit`, `half` (a line), `garbage`, `flood`, `hang`, or what it prints
    native SECONDS (in C, holding Python's lock)

A model of a provider (`provider/id`) is connected; its id says what it offers: `plain` heeds temperature and continue,
`bare` nothing.
Other chat messages are answered with their own words. It ends at the end of its input, as the real one does.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.processes import end_with_parent

PROSE = (
    "\n\n## A heading\n\n",
    "Some words that say nothing, *some of them* slanted, and a few more, until the paragraph is long enough to be "
    "laid out over several lines of the window, with `code` in it and a [link](https://a.test), as replies have.\n\n",
    "- one point of a list\n- another one, **longer than** the first\n- and the last\n\n",
    "```python\ndef add(a, b):\n    return a + b\n```\n\n",
    "More words follow here. They are no better than the others, but there are many, and so the reply grows.\n\n",
)

requests: Queue[dict[str, Any]] = Queue()
cancelled: set[int] = set()
loaded: dict[str, Any] = {}  # the parameters of the last load
armed: list[str] = []  # how it will die when the next model is loaded
ghosts: list[int] = []  # jobs that have ended and will speak during the next one


def send(id: int, event: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"id": id, "event": event, **fields}) + "\n")
    sys.stdout.flush()


def finish(id: int, reason: str = "stop", **stats: Any) -> None:
    send(id, "Finished", reason=reason, stats=stats)


def read_requests() -> None:
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "cancel" in request:
            cancelled.add(request["cancel"])
        else:
            requests.put({**request, "bytes": len(line)})
    os._exit(0)


def wait_for_ever() -> None:
    while True:
        time.sleep(60)


def die(id: int, how: str) -> None:
    """End, or go mad, in one of the ways that are known; the moment is left in the home for whoever measures."""
    Path(os.environ["SEEDLING_HOME"], "died").write_text(f"{time.monotonic()} {os.getpid()}")
    match how:
        case "exit":
            os._exit(3)
        case "half":
            os.write(1, b'{"id": 1, "event": "TextDel')
            os._exit(0)
        case "garbage":
            os.write(1, b"\x00\xff this is not JSON\n")
        case "flood":
            line = json.dumps({"id": id, "event": "Progress", "done": 1, "total": 2}) + "\n"
            while True:
                sys.stdout.write(line * 1_000)
        case "hang":
            pass
        case _ if how.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[how])
        case _:
            os.write(2, how.encode() + b"\n")
            os.abort()
    wait_for_ever()


def die_somewhen(id: int, how: str, when: str) -> None:
    match when:
        case "prompt":
            send(id, "Progress", done=1, total=4, unit="tokens", message="")
            die(id, how)
        case "idle" if how == "hang":
            stream(id, ["alive "])
            armed.append(how)
        case "idle":
            stream(id, ["alive "])
            time.sleep(0.05)
            die(id, how)
        case "unload":
            stream(id, ["alive "])
            armed.append(how)
        case _:
            send(id, "Progress", done=1, total=1, unit="tokens", message="")
            for _ in range(3 if when == "decode" else int(when)):
                send(id, "TextDelta", text="word ")
            die(id, how)


def load(id: int, params: dict[str, Any]) -> None:
    loaded.clear()
    loaded.update(params)
    name = Path(params["model"]).stem
    send(id, "Started", job="load", data={"model": name})
    if name.startswith("die-"):
        send(id, "Progress", done=1, total=2, unit="", message="")
        die(id, name.removeprefix("die-"))
    if name == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "hang":
        wait_for_ever()
    if name == "refuse":
        send(id, "Failed", code="not_found", data={"place": params["model"]}, detail="scripted")
        return
    steps = {"slow": 20, "stubborn": 4}.get(name, 2)
    for step in range(steps):
        send(id, "Progress", done=step + 1, total=steps, unit="", message="")
        if steps > 2:
            time.sleep(0.1)
        if id in cancelled and name != "stubborn":
            finish(id, "cancelled")
            return
    info: dict[str, Any] = {
        "name": name,
        "architecture": "script",
        "context": 2048,
        "fingerprint": "f00d",
        "backend": "llama",
    }
    info["memory_bytes"] = 123_400_000
    if params.get("backend") == "remote":
        offers = {"plain": ["continue", "max_tokens", "temperature"]}.get(name, [])
        info["remote"] = {"provider": "script", "kind": "compatible", "reach": "machine", "offers": offers}
    finish(id, "loaded", **info)


def stream(id: int, words: list[str], delay_ms: float = 0, heed: bool = True, kind: str = "TextDelta") -> None:
    send(id, "Progress", done=1, total=1, unit="tokens", message="")
    begun = time.monotonic()
    reason, count = "stop", 0
    for word in words:
        if heed and id in cancelled:
            reason = "cancelled"
            break
        send(id, kind, text=word)
        count += 1
        if delay_ms:
            time.sleep(delay_ms / 1000)
    seconds = max(time.monotonic() - begun, 1e-3)
    stats = {"prompt_tokens": 5, "cached_tokens": 0, "prompt_seconds": 0.1, "first_token_seconds": 0.1}
    stats |= {"output_tokens": count, "output_seconds": seconds, "stop": "<|im_end|>"}
    finish(id, reason, **stats, tokens=list(range(count)), model="f00d")


def write(id: int, tokens: int, per_second: float) -> None:
    """A long reply, each token when it is due."""
    pieces = [f"{piece} " for line in PROSE for piece in line.replace("\n", " \n").split(" ")]
    begun = time.monotonic()
    for number in range(tokens):
        if id in cancelled:
            break
        time.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        send(id, "TextDelta", text=pieces[number % len(pieces)])
    finish(id, "cancelled" if id in cancelled else "stop", output_tokens=tokens)


def obey(request: dict[str, Any], order: str) -> None:
    id = request["id"]
    for ghost in ghosts:
        send(ghost, "TextDelta", text="late")
        finish(ghost, "late")
    word, _, rest = order.partition(" ")
    match word:
        case "say":
            stream(id, [rest])
        case "count":
            number, _, delay = rest.partition(" ")
            stream(id, [f"{n} " for n in range(int(number))], float(delay or 0))
        case "write":
            number, _, pace = rest.partition(" ")
            write(id, int(number), float(pace))
        case "think":
            thought, _, reply = rest.partition(" | ")
            for word in thought.split(" "):
                send(id, "ThinkingDelta", text=word + " ")
            stream(id, [reply] if reply else [])
        case "muse":
            number, _, delay = rest.partition(" ")
            stream(id, [f"{n} " for n in range(int(number))], float(delay), kind="ThinkingDelta")
        case "options":
            stream(id, [json.dumps(request["params"]["options"], sort_keys=True)])
        case "key":
            stream(id, [json.dumps(loaded.get("key")), " ", json.dumps(loaded.get("options"))])
        case "bill":
            send(id, "TextDelta", text="dear")
            cost = {"amount": 0.0042, "currency": "USD"}
            stats = {"output_tokens": 400, "thinking_tokens": 300, "output_seconds": None, "first_token_seconds": None}
            finish(id, **stats, cost=cost, tokens=None, model="cafe", answered_by="another")
        case "warn":
            send(id, "Log", level="warning", text=rest)
            stream(id, ["warned"])
        case "explain":
            text = {"§phrase": ["it holds 1,000 rows", "it holds {count:,} rows", {"count": 1000}]}
            send(id, "Log", level="warning", text=text)
            send(id, "Finished", reason="done")
        case "cut":
            send(id, "TextDelta", text="half a ")
            send(id, "Failed", code=rest, data={"name": "script"}, detail="")
        case "silent":
            time.sleep(float(rest))
            stream(id, ["at last"])
        case "die":
            how, _, when = rest.rpartition(" ")
            die_somewhen(id, how, when)
        case "native":
            send(id, "TextDelta", text="into C ")
            ctypes.PyDLL(None).usleep(int(float(rest) * 1e6))
            finish(id)
        case "fail":
            send(id, "Failed", code=rest, data={"place": "somewhere", "name": "script"}, detail="scripted")
        case "fall":
            for _ in range(20_000):
                send(id, "TextDelta", text="word ")
            send(id, "Failed", code=rest, data={"reason": "scripted"}, detail="")
            os._exit(3)
        case "exit":
            sys.stderr.write("leaving\n")
            sys.stderr.flush()
            os._exit(int(rest))
        case "crash":
            send(id, "TextDelta", text="before the fall ")
            os.kill(os.getpid(), signal.Signals[rest])
        case "gasp":
            sys.stderr.write("noise\n" * 5000 + rest + "\n")
            sys.stderr.flush()
            os.abort()
        case "hang":
            send(id, "TextDelta", text="then nothing ")
            wait_for_ever()
        case "deaf":
            stream(id, ["la "] * 10_000, 20, heed=False)
        case "busy":
            until = time.monotonic() + float(rest)
            while time.monotonic() < until:
                pass
            finish(id)
        case "garbage":
            sys.stdout.write("this is not JSON\n")
            sys.stdout.flush()
            wait_for_ever()
        case "binary":
            sys.stdout.buffer.write(b"\x00\xff\xfe{\n")
            sys.stdout.buffer.flush()
            wait_for_ever()
        case "endless":
            while True:
                sys.stdout.write("A" * 65536)
        case "flood":
            stream(id, ["flood "] * int(rest))
        case "twice":
            finish(id)
            send(id, "Failed", code="bug", data={}, detail="")
        case "alien":
            send(id, "Martian", text="?")
            wait_for_ever()
        case "after":
            finish(id)
            ghosts.append(id)
        case "environment":
            finish(id, names=sorted(os.environ))
        case "received":
            finish(id, bytes=request["bytes"])
        case "noise":
            sys.stderr.write(f"{rest}\n" if rest else "chatter\n" * 100_000)
            sys.stderr.flush()
            finish(id)
        case _:
            send(id, "Failed", code="unknown_job", data={"job": order}, detail="")


def order_of(params: dict[str, Any]) -> str:
    if "do" in params:
        return str(params["do"])
    text = params["messages"][-1]["content"].rpartition("\n\n")[2]  # what was asked last
    return text[3:] if text.startswith("do ") else "say " + text


def main() -> None:
    end_with_parent()
    threading.Thread(target=read_requests, daemon=True).start()
    while True:
        request = requests.get()
        if armed:
            die(request["id"], armed[0])
        if request["job"] == "load":
            load(request["id"], request["params"])
        else:
            obey(request, order_of(request["params"]))


if __name__ == "__main__":
    main()
