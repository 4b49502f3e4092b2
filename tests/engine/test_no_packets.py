"""“Nothing leaves this computer”: the sockets of every process are watched, and nothing goes beyond it.

In the processes of the command line, of the worker, and of whatever these start; see tests/socket_watch.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from fake_servers import FakeOllama, FakeVLLM
from fake_servers.ollama import Kept

from engine.processes import helper_command
from engine.providers import provider_list
from engine.providers.base import Provider, RemoteModel

Seedling = Callable[..., subprocess.CompletedProcess[str]]
STAYS = "“Nothing leaves this computer” is on"
AWAY = Provider("away", "compatible", "https://api.example.com/v1")
NEARBY = Provider("nearby", "ollama", "http://192.168.1.20:11434")
CLOUD = "gpt-oss:120b-cloud"
HI = [{"role": "user", "content": "Hi"}]

LEAVES: dict[str, tuple[str, ...]] = {
    "an API": ("models", "connect", "api.openai.com", "--key-env", "LOGIN"),
    "the network": ("models", "connect", "192.168.1.20:11434"),
    "a name in the network": ("models", "connect", "http://nas:8080"),
    "a chat": ("chat", "-m", "away/large", "Hi"),
    "a chat nearby": ("chat", "-m", "nearby/small", "Hi"),
    "search": ("models", "search", "qwen"),
    "a repository": ("models", "repo", "org/name"),
    "a newer version": ("update", "check"),
    "a download": ("models", "download", "org/name:q8_0"),
}


@pytest.fixture
def watch(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What was tried so far, in a home with the switch on and two servers elsewhere on the list.

    A proxy stands elsewhere, too: nothing may go there either.
    """
    options = {"stay_here": True, "proxy": "http://10.9.9.9:3128", "update_address": "https://example.com/list"}
    (home / "settings.json").write_text(json.dumps(options))
    for provider, id in ((AWAY, "large"), (NEARBY, "small")):
        provider_list.add(provider, [RemoteModel(provider.name, id)])
    for name in ("HF_HUB_OFFLINE", "HF_ENDPOINT", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    path, tried = os.environ.get("PYTHONPATH", ""), tmp_path / "tried.txt"
    folders = [str(ROOT / "tests" / "socket_watch"), str(ROOT), *path.split(os.pathsep)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, folders)))
    monkeypatch.setenv("SOCKET_WATCH", str(tried))
    monkeypatch.setenv("HTTPS_PROXY", "http://10.9.9.8:3128")
    monkeypatch.setenv("LOGIN", "sk-nobody")
    return lambda: tried.read_text().splitlines() if tried.exists() else []


def test_what_leaves_is_one_sentence_and_no_packet(watch: Callable[[], list[str]], seedling: Seedling) -> None:
    for what, command in LEAVES.items():
        done = seedling(*command)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), (what, done.stderr)
        assert STAYS in done.stderr, what
        assert watch() == [], what


@pytest.mark.parametrize("what", ["an API", "the network", "a chat", "search", "a repository"])
def test_without_the_guard_the_watch_would_see_it(
    watch: Callable[[], list[str]], seedling: Seedling, what: str
) -> None:
    done = seedling(*LEAVES[what], SOCKET_WATCH_UNGUARDED="1")
    assert done.returncode == 1
    assert watch() != []


def test_what_is_here_works_without_a_packet(
    watch: Callable[[], list[str]], seedling: Seedling, tiny_model: Path
) -> None:
    def said(*command: str | Path) -> str:
        done = seedling(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with FakeVLLM(models=["qwen"], reply="Hello there.") as server:
        assert "vllm" in said("models", "connect", server.url)
        assert said("chat", "-m", "vllm/qwen", "Hi") == "Hello there.\n"
        assert "away" in said("models", "list")
        assert "vllm/qwen" in said("models", "info", "vllm/qwen")
        refreshed = said("models", "refresh")
    assert refreshed.count(STAYS) == 2  # the two elsewhere; the one here was asked
    said("models", "scan", "--servers")
    assert said("models", "suggest")
    said("chat", "-m", tiny_model, "Hi", "--max-tokens", "2")
    assert watch() == []


def test_the_worker_sends_no_packet_either(watch: Callable[[], list[str]], tiny_model: Path) -> None:
    away = {"model": "away/large", "backend": "remote", "key": "sk-nobody"}
    with FakeVLLM(models=["qwen"]) as server, FakeOllama(kept={CLOUD: Kept(remote="https://ollama.com")}) as ollama:
        asked: list[tuple[str, dict[str, Any], str]] = [
            ("connect", {"address": server.url}, "done"),
            ("connect", {"address": ollama.url}, "done"),
            ("load", {"model": "vllm/qwen", "backend": "remote"}, "loaded"),
            ("chat", {"messages": HI}, "stop"),
            ("load", {"model": f"ollama/{CLOUD}", "backend": "remote"}, "provider_stays"),  # here, and passed on
            ("load", away, "provider_stays"),
            ("connect", {"address": "https://api.anthropic.com", "key": "sk-nobody"}, "provider_stays"),
            ("connect", {"address": "10.0.0.7:1234"}, "provider_stays"),
            ("providers", {"refresh": True}, "done"),
            ("hub_search", {"text": "qwen"}, "provider_stays"),
            ("hub_repo", {"repo": "org/name"}, "provider_stays"),
            ("update_check", {}, "provider_stays"),
            ("download", {"repo": "org/name", "files": ["a.gguf"]}, "provider_stays"),
            ("load", {"model": str(tiny_model)}, "loaded"),
            ("chat", {"messages": HI, "options": {"temperature": 0, "max_tokens": 2}}, "length"),
        ]
        lines = [json.dumps({"id": number, "job": job, "params": p}) for number, (job, p, _) in enumerate(asked)]
        said = _through_a_worker(lines)
    assert [(job, said.get(number)) for number, (job, _, _) in enumerate(asked)] == [
        (job, end) for job, _, end in asked
    ]
    assert ollama.requests("/api/chat") == []
    assert watch() == []


def _through_a_worker(lines: list[str]) -> dict[int, str]:
    """How each job ended, by its number."""
    pipe, ends = subprocess.PIPE, {}
    with subprocess.Popen(helper_command("worker"), stdin=pipe, stdout=pipe, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        for line in lines:
            worker.stdin.write(line + "\n")
            worker.stdin.flush()
            while True:
                event = json.loads(worker.stdout.readline())
                if event["event"] in ("Finished", "Failed"):
                    ends[event["id"]] = event.get("reason") or event["code"]
                    break
        worker.stdin.close()
    return ends


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("socket.create_connection(('api.example.com', 443))", True),
        ("socket.gethostbyname('api.example.com')", True),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", True),
        ("socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))", True),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))", True),
        ("socket.getaddrinfo('localhost', 80)", False),
        ("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))", False),
    ],
)
def test_the_watch_sees_each_way_out(watch: Callable[[], list[str]], what: str, seen: bool) -> None:
    done = subprocess.run([sys.executable, "-c", f"import socket; {what}"], capture_output=True, check=False)
    assert (done.returncode != 0) is seen
    assert bool(watch()) is seen
