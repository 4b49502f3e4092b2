"""`seedling chat`: one reply, or a conversation line by line."""

from __future__ import annotations

import argparse
import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import ScriptedBackend

from engine.chat.messages import ChatOptions, Message
from engine.commands import chat
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Started, TextDelta
from engine.jobs import JobContext
from engine.runtime.base import Sampling

ROOT = Path(__file__).resolve().parents[3]
TINY = "gguf-tiny-random/llama-2-tiny-random.gguf"


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    backend = ScriptedBackend()
    backend.opened = []  # type: ignore[attr-defined]

    def open_with_progress(*arguments: Any, **options: Any) -> Iterator[Event]:
        backend.opened.append((arguments, options))  # type: ignore[attr-defined]
        yield from ()
        return backend

    monkeypatch.setattr(chat, "open_with_progress", open_with_progress)
    return backend


def run(*arguments: str) -> list[Event]:
    parser = argparse.ArgumentParser()
    chat.add_arguments(parser)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    args.context = JobContext()
    return list(chat.run(args))


def type_in(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))


def rows(path: Path) -> list[list[tuple[str, str]]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [[(message["role"], message["content"]) for message in line["messages"]] for line in lines]


def test_one_prompt_gives_one_reply(backend: ScriptedBackend) -> None:
    backend.enqueue("Hello you")
    *events, end = run("Hi there")
    assert events == [Started("chat", {"model": "starter"}), TextDelta("Hello "), TextDelta("you")]
    assert isinstance(end, Finished)
    assert end.reason == "stop"
    assert backend.calls == [([Message("user", "Hi there")], ChatOptions())]
    assert backend.opened == [(("starter", None), {"defaults": {"memory_percent": 75}})]  # type: ignore[attr-defined]
    assert backend.closed


def test_options_arrive_where_they_belong(backend: ScriptedBackend) -> None:
    given = "x -m some.gguf --backend llama --system Be! --max-tokens 5 --temperature 0 --top-k 3 --top-p 0.5"
    run(*given.split(), "--min-p", "0.1", "--seed", "7", "--context", "99")
    ((messages, options),) = backend.calls
    assert messages == [Message("system", "Be!"), Message("user", "x")]
    assert options == ChatOptions(Sampling(temperature=0, top_k=3, top_p=0.5, min_p=0.1, seed=7), 5)
    assert backend.opened == [(("some.gguf", "llama"), {"context": 99, "defaults": {"memory_percent": 75}})]  # type: ignore[attr-defined]


def test_the_settings_of_the_window_count_here_too(backend: ScriptedBackend, home: Path) -> None:
    (home / "settings.json").write_text('{"threads": 1, "memory_percent": 50}')
    run("x")
    assert backend.opened == [(("starter", None), {"defaults": {"threads": 1, "memory_percent": 50}})]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (
            "--gpu-layers 3 --threads 2 --batch 64 --context 99",
            {"gpu_layers": 3, "threads": 2, "batch": 64, "context": 99},
        ),
        ("--cache-type q8_0 --no-mmap --mlock", {"cache_type": "q8_0", "mmap": False, "mlock": True}),
        ("--flash-attention on", {"flash_attention": True}),
        ("--flash-attention off", {"flash_attention": False}),
        ("--flash-attention auto", {"flash_attention": None}),
        ("--speculation lookup", {"speculation": "lookup"}),
        ("--draft-model small", {"draft_model": "small", "speculation": "draft"}),
        ("--draft-model small --speculation none", {"draft_model": "small", "speculation": "none"}),
        ("--adapter a.gguf", {"adapters": [("a.gguf", 1.0)]}),
        ("--adapter a:0.5 --adapter C:\\b.gguf", {"adapters": [("a", 0.5), ("C:\\b.gguf", 1.0)]}),
        ("--adapter C:\\b.gguf:-2", {"adapters": [("C:\\b.gguf", -2.0)]}),
    ],
)
def test_how_the_model_is_opened(backend: ScriptedBackend, arguments: str, options: dict[str, object]) -> None:
    run("hi", *arguments.split())
    ((_, given),) = backend.opened  # type: ignore[attr-defined]
    given.pop("defaults")
    assert given == options


def test_a_template_is_read_from_its_file(backend: ScriptedBackend, tmp_path: Path) -> None:
    path = tmp_path / "é.jinja"
    path.write_text("{{ 'é' }}", encoding="utf-8")
    run("hi", "--template", str(path))
    assert backend.opened[0][1]["template"] == "{{ 'é' }}"  # type: ignore[attr-defined]
    path.write_bytes(b"\xff")
    with pytest.raises(EngineError, match="jinja cannot be read: it is not UTF-8"):
        run("hi", "--template", str(path))


def test_guesses_are_counted() -> None:
    stats = {
        "prompt_tokens": 5,
        "cached_tokens": 0,
        "output_tokens": 9,
        "output_seconds": 1,
        "first_token_seconds": None,
    }
    assert "guess" not in chat.statistics(Finished("stop", stats))
    guessed = chat.statistics(Finished("stop", stats | {"drafted_tokens": 8, "accepted_tokens": 6}))
    assert "9 written · 6 of 8 guesses right · 9.0 tokens/s" in guessed


@pytest.mark.parametrize("wrong", ["--top-p 3", "--temperature hot", "--max-tokens 0", "--top-k -1", "--backend x"])
def test_wrong_options_are_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run("hi", *wrong.split())
    assert caught.value.code == 2
    assert wrong.split()[0] in capsys.readouterr().err


def test_a_prompt_from_standard_input(backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "two\nlines é\n")
    run("-")
    assert backend.calls[0][0] == [Message("user", "two\nlines é")]


def test_a_conversation_line_by_line(backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(monkeypatch, "one\n\ntwo\n/reset\nthree\n/exit\nnever\n")
    for reply in ("first", "second", "third"):
        backend.enqueue(reply)
    events = run("--system", "S")
    written = tuple(b"first")
    assert [messages for messages, _ in backend.calls] == [
        [Message("system", "S"), Message("user", "one")],
        [
            Message("system", "S"),
            Message("user", "one"),
            Message("assistant", "first", written, "f00d"),
            Message("user", "two"),
        ],
        [Message("system", "S"), Message("user", "three")],
    ]
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["first", "second", "third"]
    assert sum(isinstance(event, Finished) for event in events) == 1
    assert events[-1] == Finished("done")


def test_a_turn_that_fails_does_not_end_the_conversation(
    backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch, "far too long\nshort\n")
    backend.enqueue(EngineError("context_overflow", asked=9, context=5)).enqueue("fine")
    events = run()
    (error,) = [event for event in events if isinstance(event, Log) and event.level == "error"]
    assert "9 tokens" in error.text
    assert backend.calls[-1][0] == [Message("user", "short")]


def test_a_conversation_is_kept_as_training_data(
    backend: ScriptedBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chats.jsonl"
    backend.enqueue("é 🙂")
    run("Hi", "--save", str(path))
    assert rows(path) == [[("user", "Hi"), ("assistant", "é 🙂")]]
    type_in(monkeypatch, "a\nb\n/reset\nc\n")
    run("--system", "S", "--save", str(path))
    assert rows(path) == [
        [("user", "Hi"), ("assistant", "é 🙂")],
        [("system", "S"), ("user", "a"), ("assistant", "ok"), ("user", "b"), ("assistant", "ok")],
        [("system", "S"), ("user", "c"), ("assistant", "ok")],
    ]


def test_what_was_said_is_kept_even_if_the_reply_fails(backend: ScriptedBackend, tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    backend.enqueue("half ", EngineError("not_a_number", place="x"))
    with pytest.raises(EngineError):
        run("precious", "--save", str(path))
    assert rows(path) == [[("user", "precious")]]
    assert backend.closed


def test_a_file_with_something_else_is_not_written(backend: ScriptedBackend, tmp_path: Path) -> None:
    path = tmp_path / "diary.txt"
    for content in (b"Dear diary", b'{"messages": []}\n{"text": 1}\n', b"\0\xff", b"[]\n"):
        path.write_bytes(content)
        with pytest.raises(EngineError) as caught:
            run("hi", "--save", str(path))
        assert caught.value.code == "not_a_conversation_file"
        assert path.read_bytes() == content
    assert backend.opened == []  # type: ignore[attr-defined]


def test_what_people_see(capsys: pytest.CaptureFixture[str]) -> None:
    stats = ScriptedBackend()._stats("12345")
    for event in (
        Started("chat"),
        TextDelta("Hi "),
        TextDelta("you"),
        Log("warning", "careful"),
        Finished("stop", stats),
    ):
        chat.show(event)
    shown = capsys.readouterr()
    assert shown.out == "Hi you\n"
    assert shown.err == (
        "warning: careful\n10 tokens read, 0 of them known · 5 written · 10.0 tokens/s · 0.10 s to the first · stop\n"
    )


def test_the_model_does_not_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chat.show(TextDelta("\x1b[2Jraw\n"))
    assert capsys.readouterr().out == "\x1b[2Jraw\n"  # a file gets every byte
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    chat.show(TextDelta("\x1b[2J\x9b\rtame\t\n"))
    assert capsys.readouterr().out == "\ufffd[2J\ufffd\ufffdtame\t\n"


# --- as a process ----------------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "engine", "chat", *arguments]


def test_json_from_a_real_model(data: Callable[..., Path]) -> None:
    arguments = ("Once", "-m", str(data(TINY)), "--max-tokens", "5", "--seed", "1", "--json")
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "Started"
    assert set(kinds[1:-1]) == {"Progress", "TextDelta"}
    assert kinds[-1] == "Finished"
    expected = {"prompt_tokens", "cached_tokens", "output_tokens", "prompt_seconds", "output_seconds"}
    assert expected | {"first_token_seconds", "stop"} <= events[-1]["stats"].keys()


def test_choices_are_asked_for(backend: ScriptedBackend) -> None:
    run("hi", "--choices", "--json")
    run("hi", "--json")
    assert [options.choices for _, options in backend.calls] == [True, False]
    with pytest.raises(EngineError, match="--choices needs --json"):
        run("hi", "--choices")


def test_json_has_a_choice_for_every_token(data: Callable[..., Path]) -> None:
    arguments = ("Once", "-m", str(data(TINY)), "--max-tokens", "5", "--seed", "1", "--json", "--choices")
    done = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    choices = [event for event in events if event["event"] == "TokenChoice"]
    assert len(choices) == events[-1]["stats"]["output_tokens"] == 5
    for choice in choices:
        assert set(choice) == {"event", "token", "probability", "alternatives", "start"}
        assert [text for text, _ in choice["alternatives"] if isinstance(text, str)]
        assert len(choice["alternatives"]) == 8
        shares = [share for _, share in choice["alternatives"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < choice["probability"] <= shares[0] < 1


def test_a_model_that_is_not_there_is_one_sentence() -> None:
    done = subprocess.run(command("hi", "-m", "nowhere.gguf"), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "seedling: nowhere.gguf does not exist.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_stops_the_reply_and_then_leaves(data: Callable[..., Path]) -> None:
    import pty

    ours, theirs = pty.openpty()
    arguments = ("-m", str(data(TINY)), "--context", "4000", "--seed", "1")
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    screen = _Screen(ours)
    screen.wait_for("> ")
    os.write(ours, b"hi\n")
    screen.wait_for("hi\r\n")
    time.sleep(0.3)  # the reply is on its way; it would go on for thousands of tokens
    process.send_signal(signal.SIGINT)
    screen.wait_for("cancelled")
    screen.wait_for("> ")
    time.sleep(0.3)  # readline shows its prompt an instant before it listens
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    os.close(ours)


class _Screen:
    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._text = descriptor, ""

    def wait_for(self, text: str) -> None:
        """Read until the text appears; what came before it is forgotten."""
        while text not in self._text:
            assert select.select([self._descriptor], [], [], 30)[0], f"{text!r} never came"
            self._text += os.read(self._descriptor, 65536).decode("utf-8", "replace")
        self._text = self._text.partition(text)[2]
