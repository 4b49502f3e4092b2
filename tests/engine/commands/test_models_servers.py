"""Servers and APIs on the command line; and a key that is nowhere but where it belongs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fake_servers import FakeLlamaCpp, FakeVLLM

from engine.processes import helper_command, without_secrets

CANARY = "sk-canary0123456789QWERTY"
Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


def test_connect_list_info_chat_refresh_remove(events: Events, seedling: Seedling, home: Path) -> None:
    with FakeVLLM(models=["qwen"], reply="Hello there.", thinking="Hm, hello.") as server:
        connected, end = events("models", "connect", server.url)
        assert (connected["event"], connected["name"], connected["kind"]) == ("Server", "vllm", "vllm")
        assert end["stats"] == {"name": "vllm"}
        rows = events("models", "list")
        assert [row["name"] for row in rows if row["event"] == "Model"][2:] == ["vllm/qwen"]
        assert [row["address"] for row in rows if row["event"] == "Server"] == [server.url]
        assert events("models", "info", "vllm/qwen")[0]["details"]["provider"] == "vllm"
        assert events("models", "info", "vllm")[0]["kind"] == "vllm"
        shown = seedling("models", "info", "vllm/qwen").stdout
        assert "stays on this machine" in shown
        assert "None" not in shown
        assert "1 model" in seedling("models", "list").stdout
        chatted = seedling("chat", "-m", "vllm/qwen", "Hi", "--temperature", "0", "--top-k", "3")
        assert chatted.stdout == "Hello there.\n"
        assert "written" in chatted.stderr
        said = events("chat", "-m", "vllm/qwen", "Hi")
        assert "".join(event["text"] for event in said if event["event"] == "ThinkingDelta").strip() == "Hm, hello."
        assert said[-1]["stats"]["tokens"] is None
        server.models.append("another")
        (refreshed, _) = events("models", "refresh", "vllm")
        assert [model["id"] for model in refreshed["details"]["models"]] == ["qwen", "another"]
        again = seedling("models", "connect", server.url, "--name", "vllm")
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
        refused = seedling("evaluate", "vllm/qwen", "--task", "card", "--data", home)
        assert refused.returncode == 1
        assert "none of its files are here" in refused.stderr
        assert seedling("models", "remove", "vllm/qwen").returncode == 1
    events("models", "remove", "vllm")
    assert not [row for row in events("models", "list") if row["event"] == "Server"]


def test_a_key_that_is_wanted_is_not_taken_from_nowhere(seedling: Seedling, home: Path) -> None:
    with FakeLlamaCpp(key=CANARY) as server:
        for more, environment in (
            ((), {}),
            (("--key-env", "EMPTY"), {}),
            (("--key-env", "MINE"), {"MINE": "sk-wrong"}),
        ):
            refused = seedling("models", "connect", server.url, *more, **environment)
            assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert not (home / "providers.json").exists()


def test_a_key_is_nowhere_but_in_the_request(seedling: Seedling, home: Path) -> None:
    key, said = {"MY_LOGIN": CANARY}, []
    (home / "settings.json").write_text(json.dumps({"log_level": "detailed"}))
    with FakeLlamaCpp(models=["small"], key=CANARY) as server:
        for command in (
            ("models", "connect", server.url, "--name", "mine", "--key-env", "MY_LOGIN"),
            ("models", "list"),
            ("models", "info", "mine", "--json"),
            ("models", "refresh", "--json"),
            ("chat", "-m", "mine/small", "Hi", "--save", home / "talk.jsonl"),
            ("chat", "-m", "mine/small", "Hi", "--json"),
        ):
            done = seedling(*command, **key)
            assert done.returncode == 0, done.stderr
            said.append(done.stdout + done.stderr)
        assert server.seen[-1].headers["authorization"] == f"Bearer {CANARY}"
        leak = {"error": {"message": f"the key {CANARY} is bad", "type": "invalid_request_error"}}
        server.fault("answer", path="completions", status=400, body=leak)
        failed = seedling("chat", "-m", "mine/small", "Hi", "--json", **key)
        assert failed.returncode == 1
        said.append(failed.stdout + failed.stderr)
        said += _through_a_worker_that_crashes(server)
    assert not [text for text in said if CANARY in text]
    assert not [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert "env:MY_LOGIN" in (home / "providers.json").read_text()


def _through_a_worker_that_crashes(server: FakeLlamaCpp) -> list[str]:
    """What a worker with the key in its requests says, and what its environment holds."""
    from engine.providers import provider_list

    pipe, said = subprocess.PIPE, []
    ours = {**os.environ, "MY_LOGIN": CANARY, "OPENAI_API_KEY": CANARY}
    environment = without_secrets(ours, provider_list.key_variables())
    with subprocess.Popen(helper_command("worker"), stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None

        def ask(job: str, **params: Any) -> None:
            assert worker.stdin is not None
            worker.stdin.write(json.dumps({"id": 1, "job": job, "params": params}).encode() + b"\n")
            worker.stdin.flush()

        def end() -> str:
            assert worker.stdout is not None
            while json.loads(line := worker.stdout.readline().decode())["event"] not in ("Finished", "Failed"):
                said.append(line)
            return line

        ask("load", model="mine/small", backend="remote", key=CANARY)
        said.append(end())
        assert '"loaded"' in said[-1]
        if sys.platform == "linux":
            said.append(Path(f"/proc/{worker.pid}/environ").read_bytes().decode("utf-8", "replace"))
        server.fault("cut", path="completions", at=1)
        ask("chat", messages=[{"role": "user", "content": "Hi"}])
        said.append(end())
        assert '"Failed"' in said[-1]
        server.fault("stall", path="completions", at=3)
        ask("chat", messages=[{"role": "user", "content": "Hi"}])
        said.append(worker.stdout.readline().decode())
        worker.send_signal(signal.SIGABRT)
        out, errors = worker.communicate(timeout=10)
        return [*said, out.decode(), errors.decode()]


def test_with_the_switch_on_nothing_is_sent_and_what_is_here_works(
    seedling: Seedling, events: Events, home: Path
) -> None:
    (home / "settings.json").write_text(json.dumps({"stay_here": True}))
    refused = seedling("models", "connect", "https://api.openai.com/v1", "--key-env", "K", K="sk-x")
    assert (refused.returncode, "Nothing leaves this computer" in refused.stderr) == (1, True)
    with FakeVLLM(models=["small"]) as server:
        events("models", "connect", server.url)
        assert seedling("chat", "-m", "vllm/small", "Hi").returncode == 0
    assert seedling("chat", "Hi", "--max-tokens", "2").returncode == 0
