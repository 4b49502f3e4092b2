"""The hub's search and repositories against a hub on loopback: right, bounded, and telling nobody who asks."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from fake_hub import FakeHub
from memory_keyring import MemoryKeyring

from engine import hardware, jobs, keys, paths, settings
from engine.errors import EngineError
from engine.events import Failed, Finished, HubRepo, to_line
from engine.hardware import Memory
from engine.library import hub as hub_module
from engine.library import hub_access, hub_client, memory_fit
from engine.runtime.gguf_header import read_header

STARTER = paths.resource("starter") / "starter-q8_0.gguf"
CARD = b"---\nlicense: mit\ntags: [a]\n---\n# Title\n\n![x](http://tracker/x.png)\x07\n"
CONFIG = json.dumps(
    {
        "model_type": "llama", "vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 64, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
    }
).encode()  # fmt: skip
LARGE = Memory(64 << 30, 64 << 30)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same memory wherever the tests run, and no keyring."""
    monkeypatch.setattr(hardware, "memory", lambda: LARGE)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits between two tries, fails: huggingface_hub would, for half a minute."""

    def sleep(seconds: float) -> None:
        pytest.fail(f"waits for {seconds} seconds")

    monkeypatch.setattr("huggingface_hub.utils._http.time", SimpleNamespace(sleep=sleep))


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "memory_keyring.MemoryKeyring")
    keys._backend.cache_clear()
    yield
    keys._backend.cache_clear()
    MemoryKeyring.kept.clear()


def _run(job: str, **params: Any) -> list[Any]:
    return list(jobs.run(jobs.find(job), params, jobs.JobContext()))


def _found(**params: Any) -> list[str]:
    *repos, end = _run("hub_search", **params)
    assert isinstance(end, Finished), end
    return [repo.repo for repo in repos]


def _details(**params: Any) -> dict[str, Any]:
    *repos, end = _run("hub_repo", **params)
    assert isinstance(end, Finished), end
    details: dict[str, Any] = repos[-1].details
    return details


def _fails(job: str, **params: Any) -> Failed:
    *_, end = _run(job, **params)
    assert isinstance(end, Failed), end
    return end


# --- search ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(hub: FakeHub) -> FakeHub:
    """Repositories of every kind."""
    hub.add("a/small-GGUF", {"s-Q4_0.gguf": b"x"}, downloads=9, likes=1, cardData={"license": "mit"},
            gguf={"total": 600_000_000, "architecture": "qwen3", "context_length": 40960, "chat_template": "{{ x }}"},
            pipeline_tag="text-generation")  # fmt: skip
    hub.add("b/huge-GGUF", {"h-Q4_0.gguf": b"x"}, downloads=5, likes=7, cardData={"license": "apache-2.0"},
            gguf={"total": 400_000_000_000, "architecture": "llama"}, pipeline_tag="text-generation")  # fmt: skip
    hub.add("c/folder", {"model.safetensors": b"x"}, downloads=7, likes=3, cardData={"license": "mit"},
            safetensors={"total": 1_000_000_000, "parameters": {"BF16": 1_000_000_000}})  # fmt: skip
    hub.add("d/painter-GGUF", {"p.gguf": b"x"}, downloads=99, pipeline_tag="text-to-image")
    hub.add("e/pickled", {"pytorch_model.bin": b"x"}, downloads=98)
    hub.add("f/gated-GGUF", {"g-Q4_0.gguf": b"x"}, downloads=1, gated="auto")
    hub.add("g/rows", {"train.parquet": b"x"}, kind="dataset", downloads=3)
    hub.add("h/hidden-GGUF", {"h.gguf": b"x"}, private=True, readers={"hf_reader"}, downloads=100)
    return hub


def test_what_seedling_opens_is_found_and_nothing_else(shelf: FakeHub) -> None:
    assert _found(sort="downloads") == ["a/small-GGUF", "c/folder", "b/huge-GGUF", "f/gated-GGUF"]
    assert _found(sort="likes")[:2] == ["b/huge-GGUF", "c/folder"]
    assert _found(kind="gguf", sort="downloads") == ["a/small-GGUF", "b/huge-GGUF", "f/gated-GGUF"]
    assert _found(kind="safetensors") == ["c/folder"]
    assert _found(kind="dataset") == ["g/rows"]
    assert _found(text="SMALL") == ["a/small-GGUF"]
    assert _found(licence="mit", kind="gguf") == ["a/small-GGUF"]
    assert _found(largest_parameters=1_000_000_000, sort="downloads") == ["a/small-GGUF", "c/folder"]
    assert _found(text="nowhere") == []


def test_a_search_goes_on_where_it_ended(shelf: FakeHub) -> None:
    everything = _found(sort="downloads")
    pages = [_run("hub_search", sort="downloads", limit=2, skip=skip) for skip in (0, 2, 4)]
    assert [[repo.repo for repo in page[:-1]] for page in pages] == [everything[:2], everything[2:], []]
    assert [page[-1].stats["more"] for page in pages] == [True, False, False]


def test_what_fits_is_said_and_can_be_asked_for(shelf: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    fits = {repo.repo: repo.details["fit"] for repo in _run("hub_search", sort="downloads")[:-1]}
    assert fits == {"a/small-GGUF": "fits", "c/folder": "fits", "b/huge-GGUF": "too_large", "f/gated-GGUF": None}
    assert _found(fits=True, sort="downloads") == ["a/small-GGUF", "c/folder", "f/gated-GGUF"]
    monkeypatch.setattr(hardware, "memory", lambda: Memory(8 << 30, 3 << 30))
    assert "c/folder" not in _found(fits=True)  # its weights become float32
    assert "c/folder" in _found(fits=True, freed=4 << 30)


def test_a_row_says_what_a_list_shows(shelf: FakeHub) -> None:
    details = _run("hub_search", text="small")[0].details
    wanted = {"kind": "model", "downloads": 9, "likes": 1, "licence": "mit", "gated": "", "parameters": 600_000_000,
              "architecture": "qwen3", "context": 40960, "formats": ["gguf"], "catalogue": None}  # fmt: skip
    assert {name: details[name] for name in wanted} == wanted
    assert "chat_template" not in json.dumps(details)
    assert _run("hub_search", text="gated")[0].details["gated"] == "auto"


def test_searching_tells_nobody_who_searches(shelf: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    assert "h/hidden-GGUF" not in _found()
    _details(repo="a/small-GGUF", exact=False)
    assert not [seen for seen in shelf.seen if "authorization" in seen.headers]
    assert {seen.headers["user-agent"] for seen in shelf.seen} == {"seedling"}


@pytest.mark.parametrize("params", [{"kind": "space"}, {"sort": "random"}])
def test_what_cannot_be_asked_is_refused(hub: FakeHub, params: dict[str, str]) -> None:
    assert _fails("hub_search", **params).code == "bad_option"
    assert _fails("hub_repo", repo="org/name", kind="space").code == "bad_option"
    assert not hub.seen


# --- one repository --------------------------------------------------------------------------------------------------


def test_a_repository_of_quantizations(hub: FakeHub) -> None:
    files = {"README.md": CARD, "m-Q8_0.gguf": STARTER, "m-Q4_K_M.gguf": b"GGUF" + bytes(3_000_000),
             "mmproj-m.gguf": b"GGUF", "../../.bashrc": b"evil"}  # fmt: skip
    card_data = {"license": "mit", "language": ["en", "de"], "base_model": ["org/base", "../x", 7]}
    repo = hub.add("org/name-GGUF", files, cardData=card_data, gguf={"total": 5_906_688})
    first, end = _run("hub_repo", repo="org/name-GGUF")
    assert isinstance(end, Finished)
    details = first.details
    assert details["revision"] == repo.sha("main")
    assert (details["licence"], details["languages"], details["base"]) == ("mit", ["en", "de"], ["org/base"])
    assert details["card"] == "# Title\n\n![x](http://tracker/x.png)"
    assert (details["left_out"], details["access"], details["gate"], details["problem"]) == (1, "open", None, None)
    rows = [(row["name"], row["quantization"], row["size"], row["kind"]) for row in details["files"]]
    assert rows == [
        ("m-Q4_K_M.gguf", "q4_k_m", 3_000_004, "gguf"),
        ("m-Q8_0.gguf", "q8_0", STARTER.stat().st_size, "gguf"),
        ("mmproj-m.gguf", None, 4, "projector"),
    ]
    assert details["files"][1]["sha256"] == repo.files()["m-Q8_0.gguf"].sha256
    assert details["recommended"] == "m-Q4_K_M.gguf"
    assert not hub.requests("tracker")


def test_exact_figures_come_from_the_header_alone(hub: FakeHub) -> None:
    hub.add("org/name-GGUF", {"m-Q8_0.gguf": STARTER})
    rough, exact, _ = _run("hub_repo", repo="org/name-GGUF")
    header = read_header(STARTER)
    assert not rough.details["files"][0]["exact"]
    row = exact.details["files"][0]
    need = memory_fit.needed(header, context=4096)
    assert row["exact"]
    assert row["memory"] == pytest.approx(need.total, rel=0.02)  # the file is its weights and a header
    assert row["fit"] == "fits"
    assert exact.details["context"] == header.model_value("context_length")
    assert exact.details["architecture"] == header.architecture
    assert exact.details["largest_context"] == header.model_value("context_length")
    assert len(_run("hub_repo", repo="org/name-GGUF", exact=False)) == 2


def test_a_model_folder_says_whether_seedling_opens_it(hub: FakeHub) -> None:
    rest = {"tokenizer.json": b"{}", "model.safetensors": bytes(2000)}
    for name, config in (("good", CONFIG), ("other", b'{"model_type": "mamba"}'), ("broken", b"[" * 5000)):
        hub.add(f"org/{name}", {"config.json": config, **rest})
    problems = {name: _details(repo=f"org/{name}")["files"][0]["problem"] for name in ("good", "other", "broken")}
    assert problems["good"] is None
    assert problems["other"]["code"] == "unknown_family"
    assert problems["broken"]["code"] == "bad_json"


def test_a_dataset(hub: FakeHub) -> None:
    files = {"data/train-00000-of-00001.parquet": b"1234", "x.jsonl.gz": b"", "README.md": CARD}
    hub.add("org/rows", files, kind="dataset")
    details = _details(repo="org/rows", kind="dataset")
    assert [(row["kind"], row["name"]) for row in details["files"]] == [
        ("data", "data/train-00000-of-00001.parquet"), ("data", "x.jsonl.gz")
    ]  # fmt: skip
    assert details["card"].startswith("# Title")
    hub.add("org/pictures", {"a.png": b"1"}, kind="dataset")
    assert _details(repo="org/pictures", kind="dataset")["problem"]["code"] == "repo_no_data"


def test_another_revision_is_another_content(hub: FakeHub) -> None:
    repo = hub.add("org/name", {"a-Q4_0.gguf": b"1"})
    sha = repo.commit({"b-Q8_0.gguf": b"22"}, ref="next")
    for revision in ("next", sha):
        details = _details(repo="org/name", revision=revision)
        assert (details["revision"], details["files"][0]["name"]) == (sha, "b-Q8_0.gguf")
    assert _fails("hub_repo", repo="org/name", revision="gone").code == "revision_missing"


def test_a_repository_without_weights_says_so(hub: FakeHub) -> None:
    hub.add("org/code", {"README.md": CARD, "train.py": b""})
    details = _details(repo="org/code")
    assert details["problem"] == {"code": "repo_no_weights", "data": {"repo": "org/code"}}
    assert details["card"].startswith("# Title")


# --- cards -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "card"),
    [
        (b"", ""),
        (b"---\na: b\n---\n# X", "# X"),
        (b"\xef\xbb\xbf---\r\na: b\r\n---\r\n# X\r\n", "# X"),
        (b"---\nnever closed\n# X", "---\nnever closed\n# X"),
        (b"# X\n---\nrule\n---\n", "# X\n---\nrule\n---"),
        (b"a\xffb\x00c\x1b[31m\n\td", "a\ufffdbc[31m\n\td"),
    ],
)
def test_a_card_is_text_without_front_matter(hub: FakeHub, raw: bytes, card: str) -> None:
    hub.add("org/name", {"README.md": raw, "m.gguf": b"x"})
    assert _details(repo="org/name", exact=False)["card"] == card


@pytest.mark.parametrize("letter", ["x", "ä", "\U0001f331"])
def test_a_card_without_end_is_cut(hub: FakeHub, letter: str) -> None:
    raw = (letter * 700_000).encode()
    hub.add("org/name", {"README.md": raw, "m.gguf": b"x"})
    first, *_ = _run("hub_repo", repo="org/name", exact=False)
    assert first.details["card_cut"]
    assert 30_000 < len(first.details["card"]) < 512_000
    assert set(first.details["card"]) <= {letter, "\ufffd"}
    assert len(to_line(first)) < 1_000_000  # a worker's line
    assert hub.sent("README.md") <= hub_module.LARGEST_CARD


def test_a_list_of_very_many_files_is_cut(hub: FakeHub) -> None:
    hub.add("org/name", {f"{'x' * 200}{n:05}.gguf": b"x" for n in range(2500)})
    first, *_ = _run("hub_repo", repo="org/name", exact=False)
    assert len(to_line(first)) < 1_000_000
    assert first.details["left_out"] + len(first.details["files"]) == 2500


# --- gates and tokens ------------------------------------------------------------------------------------------------


@pytest.fixture
def gated(hub: FakeHub) -> FakeHub:
    hub.add("org/gated", {"README.md": CARD, "m-Q8_0.gguf": STARTER}, gated="manual", readers={"hf_reader"})
    return hub


def test_without_a_token_the_terms_are_shown_not_fetched(gated: FakeHub) -> None:
    details = _details(repo="org/gated")
    assert details["access"] == "token"
    assert details["gate"] == {"code": "repo_gated", "data": {"repo": "org/gated", "page": f"{gated.url}/org/gated"}}
    assert [row["name"] for row in details["files"]] == ["m-Q8_0.gguf"]
    assert not gated.requests("/org/gated", port="hub")[-1].path.endswith("/org/gated")


@pytest.mark.parametrize(
    ("token", "access", "code"),
    [("hf_reader", "granted", None), ("hf_stranger", "terms", "repo_gated"), ("hf_unknown", "terms", "hub_token")],
)
def test_a_token_opens_what_its_owner_may_read(gated: FakeHub, token: str, access: str, code: str | None) -> None:
    details = _details(repo="org/gated", token=token)
    assert details["access"] == access
    assert (details["gate"] or {}).get("code") == code
    assert bool(details["card"]) is (access == "granted")


def test_the_token_goes_to_the_hub_and_not_to_where_it_sends(gated: FakeHub) -> None:
    assert _details(repo="org/gated", token="hf_reader")["files"][0]["exact"]
    named = {seen.port for seen in gated.seen if "authorization" in seen.headers}
    assert named == {"hub"}
    assert gated.requests(port="cdn")


def test_private_repositories_open_with_a_token(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("me/mine", {"m-Q8_0.gguf": STARTER}, private=True, readers={"hf_reader"})
    assert _fails("hub_repo", repo="me/mine").code == "repo_missing"
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    assert _details(repo="me/mine")["files"]


def test_tokens_in_the_order_of_who_set_them(
    hub: FakeHub, keyring: None, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    assert hub_access.token() is None
    monkeypatch.setenv("HF_TOKEN", "hf_environment")
    assert hub_access.token() == "hf_environment"
    hub_access.set_token("hf_kept")
    assert hub_access.token() == "hf_kept"
    hub_access.set_token("hf_now", this_run=True)
    assert hub_access.token() == "hf_now"
    assert hub_access.delete_token()
    assert hub_access.token() == "hf_environment"
    assert not MemoryKeyring.kept
    (home / "settings.json").write_text(json.dumps({"hub_endpoint": "https://mirror.example"}))
    assert hub_access.token() is None  # it is not for a mirror


def test_a_token_is_not_sent_where_others_read_along(
    keyring: None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    monkeypatch.setenv("HF_TOKEN", "hf_environment")
    assert hub_access.token() is None
    with pytest.raises(EngineError, match="without encryption") as raised:
        hub_access.set_token("hf_kept")
    assert raised.value.code == "hub_plain"
    assert not MemoryKeyring.kept


def test_workers_are_told_the_token_of_the_environment(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is taken from their environment, as all that looks like a secret."""
    assert hub_access.token_of_environment() is None
    monkeypatch.setenv("HF_TOKEN", "hf_environment")
    assert hub_access.token_of_environment() == "hf_environment"
    monkeypatch.setenv("HF_ENDPOINT", "http://192.0.2.1")
    assert hub_access.token_of_environment() is None, "others could read it on its way"


def test_no_event_and_no_error_holds_the_token(gated: FakeHub) -> None:
    events = _run("hub_repo", repo="org/gated", token="hf_reader") + _run("hub_repo", repo="a/b", token="hf_reader")
    assert len(events) == 4
    assert not [event for event in events if "hf_reader" in json.dumps(event.to_json())]


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_means_that_nothing_is_asked(hub: FakeHub, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert _fails("hub_search").code == "hub_offline"
    assert _fails("hub_repo", repo="org/name").code == "hub_offline"
    assert not hub.seen


@pytest.mark.parametrize(
    "repo", ["", "a b/c", "../x", "a/b/c", "org/../name", "org/name?x=1", "https://evil/x", "a--b/c"]
)
def test_names_that_are_none_are_not_asked_for(hub: FakeHub, repo: str) -> None:
    assert _fails("hub_repo", repo=repo).code == "repo_name"
    assert not hub.seen


def test_a_hub_that_is_not_there_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, hub: FakeHub, impatient: None
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        failed = _fails("hub_search")
    assert (failed.code, failed.data["reason"]) == ("hub_unreachable", "no connection could be made")


def test_addresses_that_are_none(monkeypatch: pytest.MonkeyPatch, hub: FakeHub, home: Path) -> None:
    for address in ("ftp://x", "huggingface.co", "https://user@x", "http://"):
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert _fails("hub_search").code == "bad_address"
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    (home / "settings.json").write_text(json.dumps({"proxy": "nonsense://x"}))
    assert _fails("hub_search").code == "bad_address"
    assert settings.stored("proxy") == "nonsense://x"


def test_the_proxy_of_the_settings_is_used(hub: FakeHub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.example")
    (home / "settings.json").write_text(json.dumps({"proxy": hub.url}))
    _run("hub_search")
    assert [seen.headers["host"] for seen in hub.seen] == ["hub.example"]


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> Iterator[Callable[[Answer], None]]:
    """`hostile(answer)`: from now on the hub is a server that answers so, and the hub of before is somebody else."""
    servers = []

    def become(answer: Answer) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")

    yield become
    for server in servers:
        server.shutdown()
        server.server_close()


def _say(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>",
        b"null",
        b"7",
        b'{"error": "x"}',
        b"[7]",
        b'[{"name": "x"}]',
        b'[{"id": "a/b", "siblings": 7}]',
        b'[{"id": "a/b", "lastModified": "yesterday"}]',
        b'[{"id": "a/b", "safetensors": {"total": 1}}]',
        b"[" * 100_000,
    ],
)
def test_answers_that_are_none_are_one_sentence(hostile: Callable[[Answer], None], body: bytes) -> None:
    hostile(_say(body))
    for failed in (_fails("hub_search"), _fails("hub_repo", repo="a/b")):
        assert failed.code == "hub_strange"


def test_values_of_the_wrong_kind_become_none(hostile: Callable[[Answer], None]) -> None:
    row = {"id": "a/b", "downloads": -5, "likes": "many", "gated": {"x": 1}, "lastModified": None, "pipeline_tag": 7,
           "gguf": {"total": 1e99, "architecture": 7, "context_length": True},
           "tags": ["gguf", 7, None, "license:../../x", "\u202eevil\n" * 100]}  # fmt: skip
    bad = [{"id": name} for name in ("../x", 7, "a/b/c", "x" * 500, "a\nb/c")]
    hostile(_say(json.dumps([row, *bad]).encode()))
    found, end = _run("hub_search")
    assert isinstance(found, HubRepo), found
    assert isinstance(end, Finished)
    details = found.details
    wanted = {"downloads": None, "likes": None, "gated": "manual", "updated": None, "task": None, "licence": None,
              "parameters": None, "architecture": None, "context": None}  # fmt: skip
    assert {name: details[name] for name in wanted} == wanted
    assert all(tag.isprintable() and len(tag) <= 100 for tag in details["tags"])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_asks_to_wait_is_not_waited_for(
    hostile: Callable[[Answer], None], impatient: None, status: int
) -> None:
    hostile(_say(b"{}", status, Retry_After="3600"))
    assert str(status) in _fails("hub_search").data["reason"]


def test_an_answer_without_end_is_ended(hostile: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_client, "LARGEST_ANSWER", 100_000)
    hostile(_say(b"[" + b" " * 200_000 + b"]"))
    assert _fails("hub_search").code == "hub_strange"


def test_an_answer_that_trickles_is_ended(hostile: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    monkeypatch.setattr(hub_client, "LONGEST_ANSWER_S", 0.1)
    hostile(trickle)
    assert "too long" in _fails("hub_search").data["reason"]


def test_a_hub_that_says_nothing_is_given_up(
    hostile: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(hub_client, "_TIMEOUT", httpx2.Timeout(0.1).as_dict())
    hostile(lambda handler: ended.wait(5) and None)
    failed = _fails("hub_search")
    ended.set()
    assert "did not answer" in failed.data["reason"]


def test_a_packed_answer_is_not_unpacked(hostile: Callable[[Answer], None]) -> None:
    hostile(_say(gzip.compress(b"[]"), Content_Encoding="gzip"))
    assert _fails("hub_search").code == "hub_strange"


def test_the_next_page_is_only_asked_for_without_a_token_elsewhere(
    hostile: Callable[[Answer], None], hub: FakeHub
) -> None:
    """The first page names where the second one is: here another host."""
    hub.add("x/y", {"m.gguf": b"x"})

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if "Authorization" not in handler.headers:
            _say(b"{}", 401)(handler)
        else:
            _say(b"[]", Link=f'<{hub.url}/api/models?limit=1>; rel="next"')(handler)

    hostile(answer)
    _run("hub_search", token="hf_reader")
    assert hub.seen
    assert not [seen for seen in hub.seen if "authorization" in seen.headers]


def test_pages_without_end_are_ended(hostile: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_client._Client, "_left", 5)
    asked = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        _say(b"[]", Link=f'<http://{handler.headers["Host"]}/api/models?page={len(asked)}>; rel="next"')(handler)

    hostile(answer)
    assert _fails("hub_search").code == "hub_strange"
    assert len(asked) == 5


def test_what_a_hub_wants_printed_is_not(
    hostile: Callable[[Answer], None], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    hostile(_say(b"[]", X_HF_Warning="topic; \x1b[31mBuy now"))
    assert _found() == []
    assert "Buy" not in "".join(capfd.readouterr()) + caplog.text


def test_nothing_is_followed_from_the_network_to_this_computer(monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> None:
    """What a hub elsewhere sends to this computer would be asked with the rights of this computer."""
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    client = hub_client.client()
    try:
        with pytest.raises(EngineError) as raised:
            client.get(f"{hub.url}/api/models")
    finally:
        client.close()
    assert raised.value.code == "redirect_refused"
    assert not hub.seen


@pytest.mark.parametrize(
    "content", [b"", b"GG", b"GGUF" + b"\xff" * 200, b"GGUF" + bytes(100), b"not a model" * 100], ids=range(5)
)
def test_a_header_that_is_none_leaves_the_rough_figures(hub: FakeHub, content: bytes) -> None:
    hub.add("org/name", {"m-Q4_0.gguf": content})
    details = _details(repo="org/name")
    assert details["files"][0]["fit"] == "fits"
    assert not details["files"][0]["exact"]


def test_a_header_larger_than_is_fetched_leaves_the_rough_figures(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "LARGEST_HEADER", 10_000)
    hub.add("org/name", {"m-Q4_0.gguf": STARTER})
    assert not _details(repo="org/name")["files"][0]["exact"]
    assert hub.sent("m-Q4_0") <= 10_000
