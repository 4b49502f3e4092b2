"""Ollama and Anthropic, which have languages of their own, from the command line to their fakes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

from fake_servers import FakeAnthropic, FakeOllama
from fake_servers.ollama import Kept

from engine.providers import prices
from engine.providers.anthropic_api import Anthropic
from engine.providers.base import Provider
from engine.providers.dialects import open_dialect
from engine.providers.greeting import Greeting, recognise
from engine.providers.ollama import Ollama

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]
KEY = "sk-ant-nobody"


def test_each_is_recognised_and_spoken_to_in_its_language() -> None:
    with FakeOllama() as ollama, FakeAnthropic(key=KEY) as anthropic:
        assert recognise(ollama.url) == Greeting("ollama", ollama.url, "0.13.0")
        assert recognise(f"{ollama.url}/v1").kind == "ollama"
        assert recognise(anthropic.url) == Greeting("anthropic", anthropic.url, needs_key=True)
        for server, kind, models in ((ollama, Ollama, 1), (anthropic, Anthropic, 2)):
            dialect = open_dialect(Provider("here", server.kind, server.url), server.key)
            assert isinstance(dialect, kind)
            assert len(dialect.models()) == models
            dialect.close()


def test_ollama_from_connecting_to_letting_go(events: Events, seedling: Seedling) -> None:
    kept = {"qwen3:8b": Kept(("completion", "thinking"), trained=16384)}
    with FakeOllama(kept=kept, thinking="Hm, hello.", reply="Hello there.", context=100_000) as server:
        assert events("models", "connect", server.url)[-1]["stats"] == {"name": "ollama"}
        assert "ollama/qwen3:8b" in seedling("models", "list").stdout
        said = events("chat", "-m", "ollama/qwen3:8b", "Hi", "--context", "16384")
        assert "".join(event["text"] for event in said if event["event"] == "ThinkingDelta").strip() == "Hm, hello."
        assert server.requests("/api/chat")[-1].body["options"]["num_ctx"] == 16384  # all that it was trained for
        shown = seedling("chat", "-m", "ollama/qwen3:8b", "Hi")
        assert shown.stdout == "Hello there.\n"
        events("models", "remove", "ollama")
        assert "ollama" not in seedling("models", "list").stdout


def test_anthropic_from_connecting_to_letting_go(seedling: Seedling) -> None:
    with FakeAnthropic(key=KEY, thinking="Hm, hello.", reply="Hello there.") as server:
        connect = ("models", "connect", server.url, "--name", "claude", "--key-env", "MINE")
        assert seedling(*connect, MINE="sk-wrong").returncode == 1
        assert seedling(*connect, MINE=KEY).returncode == 0
        assert "claude/claude-opus-5" in seedling("models", "list").stdout
        prices.save([{"provider": "claude", "model": "claude-opus-5", "input": 5, "output": 25}])
        shown = seedling("chat", "-m", "claude/claude-opus-5", "Hi", MINE=KEY)
        assert (shown.returncode, shown.stdout) == (0, "Hello there.\n")
        assert "USD" in shown.stderr
        said = seedling("chat", "-m", "claude/claude-opus-5", "Hi", "--json", MINE=KEY).stdout
        assert '"ThinkingDelta"' in said
        assert seedling("models", "remove", "claude").returncode == 0
        assert "claude" not in seedling("models", "list").stdout
