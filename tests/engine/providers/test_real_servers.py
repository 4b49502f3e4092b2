"""Real servers, spoken with as the engine does: what tests of fake servers claim, with nothing fake in it.

Only in `make trials`, where `make peers` has put the servers here. What they do is written down in docs/servers.md.
"""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fake_servers import FakeLitGPT, FakeLlamaCppPython, FakeServer
from real_servers import (
    LITGPT_MODES,
    RealServer,
    absent,
    hub_cache,
    litgpt_server,
    llama_cpp_server,
    transformers_server,
)

from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, Finished, TextDelta
from engine.jobs import JobContext
from engine.paths import resource
from engine.providers.base import Dialect, Ended, Provider, RemoteModel
from engine.providers.dialects import open_dialect
from engine.providers.probing import PORTS

pytestmark = pytest.mark.trial(sample=0, full=1)

HELLO = (Message("user", "Hello"),)
BEGUN = (*HELLO, Message("assistant", "Hello! I am"))
STORY = (Message("user", "Tell me a story about a dog."),)
LONG = (Message("user", "word " * 1200),)
REPO = "seedling/starter"


@dataclass
class Grounds:
    """Where servers run, and the starter in the form that each of them opens."""

    folder: Path

    @property
    def litgpt(self) -> Path:
        return self._made("litgpt", self.folder / "litgpt")

    @property
    def cache(self) -> Path:
        cache = self.folder / "hub"
        if not cache.exists():
            hub_cache(cache, REPO, self._made("hf", self.folder / "hf"))
        return cache

    def _made(self, to: str, out: Path) -> Path:
        if not out.exists():
            from engine.gpt.export import export  # torch takes seconds, also where nothing here runs

            params = {"model": str(resource("starter")), "out": str(out), "to": to}
            *_, last = export(params, JobContext(threading.Event()))
            assert isinstance(last, Finished)
        return out


SERVERS: dict[str, Callable[[Grounds], RealServer]] = {
    "llama_cpp": lambda grounds: llama_cpp_server(grounds.folder),
    **{f"litgpt {mode}": lambda grounds, mode=mode: litgpt_server(grounds.litgpt, mode) for mode in LITGPT_MODES},
    "transformers": lambda grounds: transformers_server(grounds.cache, REPO),
}
STREAMING = [name for name in SERVERS if name != "litgpt plain"]


@pytest.fixture(scope="module")
def grounds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grounds:
    if not request.config.getoption("--trials"):
        pytest.skip("real servers run in make trials")
    return Grounds(tmp_path_factory.mktemp("servers"))


@pytest.fixture(scope="module")
def running(grounds: Grounds) -> Iterator[Callable[[str], RealServer]]:
    """`running(name)`: the server of that name in SERVERS, started when it is first asked for."""
    started: dict[str, RealServer] = {}
    with ExitStack() as until_the_end:

        def find(name: str) -> RealServer:
            if why := absent(name.partition(" ")[0]):
                pytest.skip(why)
            if name not in started:
                started[name] = until_the_end.enter_context(SERVERS[name](grounds))
            return started[name]

        yield find


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, running: Callable[[str], RealServer]) -> RealServer:
    return running(request.param)


@pytest.fixture(params=STREAMING)
def streaming(request: pytest.FixtureRequest, running: Callable[[str], RealServer]) -> RealServer:
    return running(request.param)


@pytest.fixture
def llama_cpp(running: Callable[[str], RealServer]) -> RealServer:
    return running("llama_cpp")


@pytest.fixture
def transformers(running: Callable[[str], RealServer]) -> RealServer:
    return running("transformers")


@dataclass
class Answer:
    text: str
    pieces: int
    ended: Ended


def dialect_of(server: RealServer, key: str | None = None) -> Dialect:
    return open_dialect(Provider("real", server.kind, server.url), key)


def events_of(
    server: RealServer,
    messages: Sequence[Message] = HELLO,
    *,
    model: str | None = None,
    key: str | None = None,
    cancelled: threading.Event | None = None,
    **options: Any,
) -> Generator[Event | Ended]:
    with closing(dialect_of(server, key)) as dialect:
        meant = RemoteModel("real", model or server.models[0])
        yield from dialect.stream(meant, messages, ChatOptions.from_json(options), cancelled or threading.Event())


def answer_of(server: RealServer, messages: Sequence[Message] = HELLO, **how: Any) -> Answer:
    *events, last = events_of(server, messages, **how)
    assert isinstance(last, Ended)
    assert all(isinstance(event, TextDelta) for event in events)
    return Answer("".join(event.text for event in events if isinstance(event, TextDelta)), len(events), last)


def code_of(server: RealServer, messages: Sequence[Message] = HELLO, **how: Any) -> str:
    """The code of the error that a reply ends with."""
    with pytest.raises(EngineError) as caught:
        answer_of(server, messages, **how)
    return caught.value.code


# --- models ----------------------------------------------------------------------------------------------------------


def test_its_models_are_listed(server: RealServer) -> None:
    with closing(dialect_of(server)) as dialect:
        assert [model.id for model in dialect.models()] == server.models


def test_a_key_is_asked_for_and_taken(grounds: Grounds) -> None:
    with llama_cpp_server(grounds.folder, key="sesame") as server:
        assert answer_of(server, key="sesame", max_tokens=4).text
        assert code_of(server, key="other") == "provider_key_wrong"
        assert code_of(server) == "provider_key_missing"


def test_a_model_that_is_not_there(transformers: RealServer) -> None:
    """transformers says 500 without a word; the others have one model, whatever it is called."""
    assert code_of(transformers, model="no/such") == "provider_failed"


def test_whatever_is_asked_for_the_one_model_answers(llama_cpp: RealServer) -> None:
    answer = answer_of(llama_cpp, model="no-such", max_tokens=4)
    assert answer.text
    assert answer.ended.model == "no-such", "it repeats what it was asked for"


# --- replies ---------------------------------------------------------------------------------------------------------


def test_it_replies(server: RealServer) -> None:
    answer = answer_of(server)
    assert answer.text.strip()
    assert "\ufffd" not in answer.text
    assert answer.ended.reason in ("stop", "length")


def test_it_is_read_while_it_is_written(streaming: RealServer) -> None:
    """Not all at once at the end: the pieces come apart in time."""
    came = [time.monotonic() for event in events_of(streaming, STORY) if isinstance(event, TextDelta)]
    assert len(came) > 10
    assert came[-1] - came[0] > (came[-1] - came[-2])


@pytest.mark.parametrize("name", ["llama_cpp", "transformers"])
def test_a_seed_gives_the_reply_again(name: str, running: Callable[[str], RealServer]) -> None:
    server = running(name)
    replies = [answer_of(server, STORY, seed=seed, temperature=1.0, max_tokens=40).text for seed in (5, 5, 6)]
    assert replies[0] == replies[1]
    assert replies[0] != replies[2]


@pytest.mark.parametrize("name", ["llama_cpp", "litgpt openai", "transformers"])
def test_a_reply_is_no_longer_than_was_asked_for(name: str, running: Callable[[str], RealServer]) -> None:
    """LitServe always says "stop"."""
    answer = answer_of(running(name), STORY, max_tokens=5)
    assert 0 < len(answer.text) < 60
    assert answer.ended.reason == ("stop" if name.startswith("litgpt") else "length")


def test_it_is_as_cold_as_is_asked(running: Callable[[str], RealServer]) -> None:
    """LitGPT takes a temperature of 0 for none at all, so it is told another one."""
    server = running("litgpt openai")
    replies = {answer_of(server, STORY, temperature=0.0, max_tokens=30).text for _ in range(3)}
    assert len(replies) == 1


def test_a_reply_is_not_gone_on_with(server: RealServer) -> None:
    """All three begin a new message, or say nothing at all; so it is not even asked for."""
    assert code_of(server, BEGUN, continue_final_message=True) == "provider_cannot_continue"


# --- too long --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("llama_cpp", "provider_silent"),
        ("litgpt plain", "provider_failed"),
        ("litgpt stream", "provider_silent"),
        ("litgpt openai", "provider_failed"),
    ],
)
def test_a_conversation_that_is_too_long_is_no_reply(
    name: str, code: str, running: Callable[[str], RealServer]
) -> None:
    """None of them says what is wrong while streaming; a stream of nothing must not pass for an empty reply."""
    assert code_of(running(name), LONG, max_tokens=8) == code


# --- stopping, and being stopped -------------------------------------------------------------------------------------


def test_stopping_in_mid_reply(streaming: RealServer) -> None:
    """And the server answers the next one, LitGPT's once it has written the first to its end."""
    cancelled = threading.Event()
    events = events_of(streaming, STORY, cancelled=cancelled)
    assert isinstance(next(events), TextDelta)
    cancelled.set()
    assert list(events) == []
    assert answer_of(streaming, max_tokens=4).text


def test_stopping_ends_the_work_at_the_server(llama_cpp: RealServer) -> None:
    """Of the three, llama-cpp-python's alone; a whole reply takes it half a second of its processor."""
    before = llama_cpp.processor_s()
    answer_of(llama_cpp, STORY, seed=3)
    took = llama_cpp.processor_s() - before
    events = events_of(llama_cpp, STORY, seed=3)
    next(events)
    events.close()
    time.sleep(took * 2)
    assert llama_cpp.processor_s() - before - took < took / 2


@pytest.mark.trial(sample=0, full=10)
def test_another_request_meanwhile_is_no_end_of_this_one(llama_cpp: RealServer, trials: range) -> None:
    """It breaks off what it writes, says `[DONE]` without a reason, and answers the other."""
    for _ in trials:
        events = events_of(llama_cpp, STORY)
        assert isinstance(next(events), TextDelta)
        others = list[Answer]()
        other = threading.Thread(target=lambda came=others: came.append(answer_of(llama_cpp, max_tokens=2)))
        other.start()
        with pytest.raises(EngineError) as caught:
            list(events)
        other.join()
        assert caught.value.code == "provider_cut"
        assert others[0].text


@pytest.mark.parametrize("name", STREAMING)
def test_a_server_that_is_killed_in_mid_reply(name: str, grounds: Grounds) -> None:
    if why := absent(name.partition(" ")[0]):
        pytest.skip(why)
    with SERVERS[name](grounds) as server:
        events = events_of(server, STORY, max_tokens=400, temperature=1.5)  # else transformers ends after 20
        assert isinstance(next(events), TextDelta)
        server.kill()
        with pytest.raises(EngineError) as caught:
            list(events)
        assert caught.value.code == "provider_cut"
        assert code_of(server) == "provider_unreachable"


# --- on the command line ---------------------------------------------------------------------------------------------

Events = Callable[..., list[dict[str, Any]]]
Seedling = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("name", SERVERS)
def test_connected_by_a_command_and_talked_to(name: str, running: Callable[[str], RealServer], events: Events) -> None:
    server = running(name)
    connected, *_ = events("models", "connect", server.url.removeprefix("http://"), "--name", "real")
    assert (connected["event"], connected["name"], connected["kind"]) == ("Server", "real", server.kind)
    model = f"real/{server.models[0]}"
    assert model in [event["name"] for event in events("models", "list") if event["event"] == "Model"]
    *came, last = events("chat", "Tell me a story about a dog.", "--model", model)
    assert "".join(event["text"] for event in came if event["event"] == "TextDelta").strip()
    assert last["reason"] in ("stop", "length")
    events("models", "remove", "real")
    assert model not in [event.get("name") for event in events("models", "list")]


def test_a_server_of_this_computer_is_found(grounds: Grounds, events: Events) -> None:
    port = next((port for port in PORTS if _is_free(port)), None)
    if port is None:
        pytest.skip("programs stand at every port that is looked at")
    with llama_cpp_server(grounds.folder, port=port) as server:
        found = [event["address"] for event in events("models", "scan", "--servers") if event["event"] == "Server"]
    assert any(address.startswith(server.url) for address in found)


def _is_free(port: int) -> bool:
    with socket.socket() as free:
        return free.connect_ex(("127.0.0.1", port)) != 0


def test_a_server_that_wants_a_key_says_so(grounds: Grounds, seedling: Seedling, events: Events) -> None:
    with llama_cpp_server(grounds.folder, key="sesame") as server:
        refused = seedling("models", "connect", server.url, "--name", "real")
        assert refused.returncode != 0
        assert "wants a key" in refused.stderr
        taken = seedling("models", "connect", server.url, "--name", "real", "--key-env", "DOOR", DOOR="sesame")
        assert taken.returncode == 0, taken.stderr
        told = seedling("chat", "Hello", "--model", "real/starter", DOOR="sesame")
        assert told.stdout.strip()
        assert "sesame" not in taken.stdout + taken.stderr + told.stdout + told.stderr


# --- the fakes answer as they do -------------------------------------------------------------------------------------

FAKES: dict[str, Callable[[], FakeServer]] = {
    "llama_cpp": lambda: FakeLlamaCppPython(["starter"], context=512),
    **{f"litgpt {mode}": lambda mode=mode: FakeLitGPT(mode=mode, context=512) for mode in LITGPT_MODES},
}
CHAT, PREDICT = "/v1/chat/completions", "/predict"
SHORT = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 3, "max_completion_tokens": 3}
TOO_LONG = {"messages": [{"role": "user", "content": "word " * 1200}], "max_tokens": 8}
QUESTIONS = {
    **{f"get {path}": (path, None) for path in ("/", "/health", "/info", "/props", "/version", "/v1/models")},
    "chat": (CHAT, SHORT),
    "chat in a stream": (CHAT, SHORT | {"stream": True, "stream_options": {"include_usage": True}}),
    "another model": (CHAT, SHORT | {"model": "no-such"}),
    "too long": (CHAT, TOO_LONG),
    "too long in a stream": (CHAT, TOO_LONG | {"stream": True}),
    "no list": (CHAT, {"messages": "Hello"}),
    "predict": (PREDICT, {"prompt": "Hello"}),
    "predict nothing": (PREDICT, {}),
    "predict what is too long": (PREDICT, {"prompt": "word " * 1200}),
    "no json": (PREDICT, "{"),
}


def shape(value: Any) -> Any:
    """What a value looks like, without what it says; of a list, what is first."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else type(value).__name__


def said(url: str, path: str, body: Any) -> tuple[Any, ...]:
    """Status, Content-Type, and the shape of an answer: of a stream, each kind of piece once, and how it ends."""
    with httpx2.Client(trust_env=False, timeout=60) as client:
        sent = body if isinstance(body, str) else json.dumps(body)
        kind = {"Content-Type": "application/json"}
        answer = client.get(url + path) if body is None else client.post(url + path, content=sent, headers=kind)
    type = answer.headers.get("content-type", "").partition(";")[0]
    if type == "application/json":
        return answer.status_code, type, shape(answer.json())
    pieces = list[Any]()
    for line in answer.text.splitlines():
        line = line.removeprefix("data: ")
        piece = shape(json.loads(line)) if line.startswith("{") else line
        if piece not in pieces:
            pieces.append(piece)
    return answer.status_code, type, pieces, answer.text[-2:] == "\n\n"


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_answers_as_the_real_one(name: str, running: Callable[[str], RealServer]) -> None:
    real = running(name)
    with FAKES[name]() as fake:
        for question, (path, body) in QUESTIONS.items():
            assert said(fake.url, path, body) == said(real.url, path, body), question


@pytest.mark.parametrize("name", FAKES)
def test_a_fake_describes_itself_as_the_real_one(name: str, running: Callable[[str], RealServer]) -> None:
    def told(url: str) -> tuple[str, set[str]]:
        described = httpx2.get(f"{url}/openapi.json", trust_env=False).json()
        chats = {path for path, methods in described["paths"].items() if "post" in methods}
        return described["info"]["title"], chats & {CHAT, PREDICT}

    with FAKES[name]() as fake:
        assert told(fake.url) == told(running(name).url)
