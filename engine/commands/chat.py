"""`seedling chat`: talk with a model in the terminal, or let it answer one prompt."""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine import files
from engine.chat.backend import ChatBackend, open_with_progress
from engine.chat.messages import ChatOptions, Message, valid_unicode
from engine.commands import models_servers
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Started, TextDelta, ThinkingDelta
from engine.library import models
from engine.phrases import phrase
from engine.runtime.base import CACHE_TYPES, SPECULATIONS
from engine.settings import runtime_options

HELP = "talk with a model"

_SAMPLING = {
    "temperature": (float, "T", "0 always takes the likeliest token; without it 0.8"),
    "top_k": (int, "K", "choose among the K likeliest tokens; 0 among all; without it 40"),
    "top_p": (float, "P", "choose among the likeliest that reach this probability together; without it 0.95"),
    "min_p": (float, "P", "leave out tokens below this share of the likeliest's probability; without it 0.05"),
    "seed": (int, "N", "makes the choice of tokens repeatable"),
}
_FLASH_ATTENTION = {"on": True, "off": False, "auto": None}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_UNKNOWN = "\ufffd"  # in the place of what a terminal would obey
_HINT = "/reset begins a new conversation, /exit leaves, Ctrl-C stops a reply."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    prompt_help = "what to say; - reads it from standard input; without it, a conversation line by line"
    parser.add_argument("prompt", metavar="PROMPT", nargs="?", help=prompt_help)
    model_help = "a name from `seedling models list`, or the path of a GGUF file or model folder; without it, starter"
    parser.add_argument("-m", "--model", metavar="MODEL", default="starter", help=model_help)
    parser.add_argument("--backend", choices=("llama", "gpt"), help="llama.cpp, or Seedling's own GPT")
    parser.add_argument("--system", metavar="TEXT", help="what the model is told before the conversation")
    limit = _checked(int, "max_tokens")
    parser.add_argument("--max-tokens", metavar="N", type=limit, help="end a reply after N tokens")
    for name, (kind, letter, text) in _SAMPLING.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar=letter, type=_checked(kind, name), help=text)
    choices_help = "with --json, tell how likely each token was and what else there was"
    parser.add_argument("--choices", action="store_true", help=choices_help)
    _add_loading(parser)
    save_help = "add the conversation to FILE, as a line of JSON that `seedling train` can read"
    parser.add_argument("--save", metavar="FILE", type=Path, help=save_help)


def _add_loading(parser: argparse.ArgumentParser) -> None:
    """How the model is opened. What is not said is as it is kept for the model, or else automatic."""
    loading = parser.add_argument_group("loading", "GGUF files have all of these, other models those marked with *")
    loading.add_argument("--context", metavar="N", dest="positions", type=int, help="* tokens it can look back on")
    loading.add_argument("--threads", metavar="N", type=int, help="* of the processor")
    loading.add_argument("--template", metavar="FILE", type=Path, help="* a chat template in the place of its own")
    loading.add_argument("--gpu-layers", metavar="N", type=int, help="layers on a graphics processor; -1 for all")
    loading.add_argument("--batch", metavar="N", type=int, help="tokens of a prompt that are read together")
    cache_help = "how keys and values are kept; without it f16"
    loading.add_argument("--cache-type", choices=CACHE_TYPES, help=cache_help)
    loading.add_argument("--flash-attention", choices=tuple(_FLASH_ATTENTION), help="without it auto")
    loading.add_argument("--no-mmap", dest="mmap", action="store_false", default=None, help="read the file whole")
    loading.add_argument("--mlock", action="store_true", default=None, help="keep the weights in main memory")
    speculation_help = "guess ahead by what the text said before, or with a draft model"
    loading.add_argument("--speculation", choices=SPECULATIONS, help=speculation_help)
    draft_help = "a small model of the same vocabulary, which guesses ahead"
    loading.add_argument("--draft-model", metavar="MODEL", help=draft_help)
    adapter_help = "lay an adapter GGUF over the model, at this strength (1); may be given several times"
    loading.add_argument(
        "--adapter", metavar="PATH[:STRENGTH]", dest="adapters", type=_adapter, action="append", help=adapter_help
    )


def _loading_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of `open_with_progress` that were given."""
    names = "threads gpu_layers batch cache_type mmap mlock speculation draft_model adapters".split()
    given = {name: getattr(args, name) for name in names} | {"context": args.positions}
    given = {name: value for name, value in given.items() if value is not None}
    if args.flash_attention is not None:
        given["flash_attention"] = _FLASH_ATTENTION[args.flash_attention]
    if args.draft_model is not None and args.speculation is None:
        given["speculation"] = "draft"
    if args.template is not None:
        given["template"] = _text_of(args.template)
    return given


def _adapter(text: str) -> tuple[str, float]:
    path, colon, strength = text.rpartition(":")
    try:
        return (path, float(strength)) if colon else (text, 1.0)
    except ValueError:  # the colon of C:\adapter.gguf
        return text, 1.0


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise EngineError("cannot_read", place=str(path), reason=phrase("it is not UTF-8")) from error


def run(args: argparse.Namespace) -> Iterator[Event]:
    """The events of one reply; or of a conversation, each reply of which ends with a `Log` of its statistics."""
    if args.choices and not args.json:
        raise EngineError("usage", reason="--choices needs --json")
    chat = _Chat(args)
    yield Started("chat", {"model": args.model})
    options = _loading_options(args)
    key = _key_of(args.model)
    if key is not None:
        options["key"] = key
    backend = yield from open_with_progress(args.model, args.backend, defaults=runtime_options(), **options)
    try:
        if args.prompt is None:
            end: Event = yield from chat.converse(backend)
        else:
            end = yield from chat.answer(backend, _standard_input() if args.prompt == "-" else args.prompt)
    finally:
        backend.close()
    yield end


def _key_of(model: str) -> str | None:
    """Of the provider that the model belongs to, if it belongs to one that has a key."""
    try:
        entry = models.find(model)
    except EngineError:  # what is wrong is said when it is opened
        return None
    return models_servers.key_of(entry.origin) if entry.remote and entry.problem is None else None


def show(event: Event) -> None:
    match event:
        case ThinkingDelta():
            _think(event.text)
        case TextDelta():
            print(_harmless(event.text), end="", flush=True)
        case Finished() if event.stats:
            print(flush=True)
            _note(statistics(event))
        case Log(level="info"):
            print(flush=True)
            _note(event.text)
        case Log():
            print(f"{event.level}: {event.text}", file=sys.stderr)


def statistics(end: Finished) -> str:
    """A reply in figures, on one line."""
    stats = end.stats
    parts = list(_counted(stats))
    if stats.get("drafted_tokens"):
        parts.append(f"{stats['accepted_tokens']} of {stats['drafted_tokens']} guesses right")
    if stats["output_tokens"] is not None and stats["output_seconds"]:
        parts.append(f"{stats['output_tokens'] / stats['output_seconds']:.1f} tokens/s")
    if stats["first_token_seconds"] is not None:
        parts.append(f"{stats['first_token_seconds']:.2f} s to the first")
    if (cost := stats.get("cost")) is not None:
        parts.append(f"{cost['amount']:.6f} {cost['currency']}")
    return " · ".join([*parts, end.reason])


def _counted(stats: dict[str, Any]) -> Iterator[str]:
    """Tokens, as far as they were counted: a provider need not."""
    if stats["prompt_tokens"] is not None:
        known = stats["cached_tokens"]
        yield f"{stats['prompt_tokens']} tokens read" + ("" if known is None else f", {known} of them known")
    if stats["output_tokens"] is not None:
        yield f"{stats['output_tokens']} written"
    if stats.get("thinking_tokens"):
        yield f"{stats['thinking_tokens']} of them thought"


class _Chat:
    """A conversation in the terminal: what was said so far, how to answer, and where it is kept."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._system = [] if args.system is None else [Message("system", args.system)]
        self._messages = list(self._system)
        given = {name: getattr(args, name) for name in (*_SAMPLING, "max_tokens")} | {"choices": args.choices or None}
        self._options = ChatOptions.from_json(given)
        self._cancelled: threading.Event = args.context.cancelled
        self._file = _ConversationFile(args.save) if args.save else None

    def answer(self, backend: ChatBackend, prompt: str) -> Generator[Event, None, Finished]:
        """Yields the events of a reply but for the last, which is returned once everything is kept."""
        self._messages.append(Message("user", valid_unicode(prompt)))
        self._save()
        text, end = "", Finished("stop")
        for event in backend.stream(self._messages, self._options, self._cancelled):
            if isinstance(event, Finished):
                end = event
            else:
                text += event.text if isinstance(event, TextDelta) else ""
                yield event
        tokens = end.stats["tokens"]
        written = None if tokens is None else tuple(tokens)
        self._messages.append(Message("assistant", text, written, end.stats["model"]))
        self._save()
        return end

    def converse(self, backend: ChatBackend) -> Generator[Event, None, Finished]:
        """A reply to each line, until the input ends, `/exit`, or Ctrl-C where a line is awaited."""
        if sys.stdin.isatty():
            yield Log("info", _HINT)
        for line in _lines():
            if line == "/exit":
                break
            if line == "/reset":
                self._messages = list(self._system)
                if self._file is not None:
                    self._file.begin_another()
            elif line.strip():
                try:
                    end = yield from self.answer(backend, line)
                    yield Log("info", statistics(end))
                except EngineError as error:  # too long, perhaps; the conversation can go on from before
                    yield Log("error", str(error))
                    self._messages.pop()
                self._cancelled.clear()
        return Finished("done")

    def _save(self) -> None:
        if self._file is not None:
            self._file.write(self._messages)


class _ConversationFile:
    """Conversations as JSON lines, `{"messages": [...]}` each: ours is the last line, those before it stay."""

    def __init__(self, path: Path) -> None:
        """Raises EngineError `not_a_conversation_file` when the file holds something else."""
        self._path = path
        self._before = path.read_bytes() if path.exists() else b""
        self._line = b""
        if self._before and not self._before.endswith(b"\n"):
            self._before += b"\n"
        if not all(_is_conversation(line) for line in self._before.splitlines()):
            raise EngineError("not_a_conversation_file", place=str(path))

    def write(self, messages: Sequence[Message]) -> None:
        rows = [{"role": message.role, "content": message.content} for message in messages]
        self._line = json.dumps({"messages": rows}, ensure_ascii=False).encode() + b"\n"
        files.write_bytes(self._path, self._before + self._line)

    def begin_another(self) -> None:
        self._before, self._line = self._before + self._line, b""


def _is_conversation(line: bytes) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return isinstance(row, dict) and isinstance(row.get("messages"), list)


def _lines() -> Iterator[str]:
    """What is typed, line by line; Ctrl-C while a line is awaited ends it."""
    if not sys.stdin.isatty():
        yield from (line.rstrip("\r\n") for line in sys.stdin)
        return
    with suppress(ImportError):
        import readline  # noqa: F401 (gives `input` editing and a history; Windows has its own)
    while True:
        # Elsewhere Ctrl-C asks the reply to stop; here it has to reach `input`.
        previous = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            line = input("\n> ")
        except (EOFError, KeyboardInterrupt):
            return
        finally:
            signal.signal(signal.SIGINT, previous)
        yield line


def _standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", "replace").removesuffix("\n")


def _harmless(text: str) -> str:
    """What a terminal shows but does not obey: a model may write escape sequences, too."""
    return _CONTROL.sub(_UNKNOWN, text) if sys.stdout.isatty() else text


def _think(text: str) -> None:
    """What is thought is no part of the reply: it stands beside it, dim, where somebody looks on."""
    if sys.stderr.isatty():
        print(f"\x1b[2m{_CONTROL.sub(_UNKNOWN, text)}\x1b[0m", end="", file=sys.stderr, flush=True)


def _note(text: str) -> None:
    print(f"\x1b[2m{text}\x1b[0m" if sys.stderr.isatty() else text, file=sys.stderr)


def _checked(kind: type[int] | type[float], name: str) -> Callable[[str], float]:
    """A type for argparse: the ranges are those of the options themselves."""

    def number(text: str) -> float:
        value = kind(text)
        try:
            ChatOptions.from_json({name: value})
        except EngineError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return value

    return number
