"""Token choices between a real worker and whoever asks it: only where asked for, and whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from engine.events import TERMINAL, Event, Finished, TextDelta, TokenChoice, from_json
from engine.processes import helper_command


def asked(*requests: dict[str, Any]) -> dict[int, list[Event]]:
    """What a worker answers to jobs of these parameters, the first of which loads a model; by their number."""
    jobs = ["load", *["chat"] * (len(requests) - 1)]
    lines = [
        json.dumps({"id": number, "job": job, "params": params})
        for number, (job, params) in enumerate(zip(jobs, requests, strict=True))
    ]
    command = helper_command("worker")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write("\n".join(lines) + "\n")
            worker.stdin.flush()
            answers: dict[int, list[Event]] = {}
            for line in worker.stdout:
                data = json.loads(line)
                answers.setdefault(data.pop("id"), []).append(from_json(data))
                if sum(isinstance(events[-1], TERMINAL) for events in answers.values()) == len(requests):
                    break
        finally:
            worker.kill()
    return answers


@pytest.mark.skipif(sys.platform == "win32", reason="kills its worker")
@pytest.mark.parametrize("backend", ["llama", "gpt"])
def test_a_worker_sends_them_only_where_they_are_asked_for(backend: str) -> None:
    messages = [{"role": "user", "content": "Tell me about cats."}]
    sampling = {"seed": 1, "max_tokens": 30}
    without, with_them = ({"messages": messages, "options": sampling | more} for more in ({}, {"choices": True}))
    loaded = {"model": "starter", "backend": backend, "options": {"threads": 1}}
    _, plain, told = asked(loaded, without, with_them).values()
    assert not [event for event in plain if isinstance(event, TokenChoice)]
    assert [event for event in plain if isinstance(event, TextDelta)]
    end, choices = told[-1], [event for event in told if isinstance(event, TokenChoice)]
    assert isinstance(end, Finished)
    assert len(choices) == end.stats["output_tokens"] > 3
    reply = "".join(event.text for event in told if isinstance(event, TextDelta))
    for choice in choices:
        assert reply[choice.start :].startswith(choice.token.rstrip("\ufffd"))
        least = min(share for _, share in choice.alternatives)
        assert choice.probability in [share for _, share in choice.alternatives] or choice.probability <= least
        assert [len(one) for one in choice.alternatives] == [2] * 8
        assert all(isinstance(text, str) and 0 <= share <= 1 for text, share in choice.alternatives)
