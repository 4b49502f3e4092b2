"""The export job: what it says while it runs, where the file lies, what it proves, and what it leaves when it fails."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt

from engine import jobs
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, Progress, Started
from engine.gpt import check, gguf, hf
from engine.gpt.export import export
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.library import lineage, models
from engine.phrases import Phrase
from engine.runtime.gguf_header import read_header

CARD = '---\nlicense: "cc-by-4.0"\ntags: [test]\n---\n\n# Ahorn\n'


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder named ahorn."""
    folder = tmp_path_factory.mktemp("saved") / "ahorn"
    hf.save(random_gpt("qwen3"), english_tokenizer(), folder, card=CARD, dtype=torch.float32)
    return folder


@pytest.fixture
def ahorn(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "models" / "ahorn"))


def run(model: Path | str, out: Path, **params: Any) -> list[Event]:
    """All events, by way of the job's name."""
    params = {"model": str(model), "out": str(out), **params}
    return list(jobs.run(jobs.find("export"), params, JobContext()))


def stats(model: Path | str, out: Path, **params: Any) -> dict[str, Any]:
    last = run(model, out, **params)[-1]
    assert isinstance(last, Finished), last
    assert last.reason == "done"
    return last.stats


def failure(model: Path | str, out: Path, **params: Any) -> EngineError:
    last = run(model, out, **params)[-1]
    assert isinstance(last, Failed), last
    return EngineError(last.code, last.detail, **last.data)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# --- GGUF ------------------------------------------------------------------------------------------------------------


def test_the_events_of_an_export(ahorn: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.gguf"
    events = run(ahorn, out, to="gguf", quantize="q8_0", check=True)
    assert events[0] == Started("export", {"model": str(ahorn), "out": str(out), "to": "gguf", "type": "q8_0"})
    assert all(isinstance(event.message, Phrase) for event in events if isinstance(event, Progress))
    assert [event for event in events if isinstance(event, Progress)] == [
        Progress(0, 5, "phases", "Reading the model"),
        Progress(1, 5, "phases", "Writing f32"),
        Progress(2, 5, "phases", "Writing q8_0"),
        Progress(3, 5, "phases", "Checking f32 with llama.cpp"),
        Progress(4, 5, "phases", "Checking q8_0 with llama.cpp"),
    ]
    assert len(events) == 7


@pytest.mark.parametrize(
    ("type", "checked", "messages"),
    [
        ("f32", False, ["Reading the model", "Writing f32"]),
        ("f32", True, ["Reading the model", "Writing f32", "Checking f32 with llama.cpp"]),
        ("bf16", False, ["Reading the model", "Writing bf16"]),
        ("q4_k_m", False, ["Reading the model", "Writing f32", "Writing q4_k_m"]),
    ],
)
def test_no_phase_is_done_that_is_not_needed(
    type: str, checked: bool, messages: list[str], ahorn: Path, tmp_path: Path
) -> None:
    found = [e for e in run(ahorn, tmp_path / "a.gguf", quantize=type, check=checked) if isinstance(e, Progress)]
    assert [event.message for event in found] == messages
    assert {event.total for event in found} == {len(messages)}


def test_what_an_export_reports(ahorn: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.gguf"
    found = stats(ahorn, out, quantize="q8_0", check=True)
    assert found["out"] == str(out)
    assert (found["to"], found["type"]) == ("gguf", "q8_0")
    assert found["size_bytes"] == out.stat().st_size
    assert found["types"].keys() == {"Q8_0", "F32"}
    assert found["types"]["Q8_0"]["tensors"] == read_header(out).tensor_types()["Q8_0"] == 15
    assert 8.5 == found["bits_per_matrix_weight"] < found["bits_per_weight"] < 8.7
    assert found["fallbacks"] == {}
    assert found["check"]["parity"]["max_logit_difference"] <= 1e-4
    assert 0 < found["check"]["likeness"]["mean_kl"] < 0.005


def test_f32_is_the_default_and_is_checked_itself(ahorn: Path, tmp_path: Path) -> None:
    found = stats(ahorn, tmp_path / "a.gguf", check=True)
    assert found["type"] == "f32"
    assert found["check"]["parity"]["greedy_tokens"] == 256
    assert found["check"]["likeness"] is None


def test_without_check_there_is_no_proof(ahorn: Path, tmp_path: Path) -> None:
    assert stats(ahorn, tmp_path / "a.gguf")["check"] is None


def test_a_context_that_a_window_cuts_is_said_aloud(tmp_path: Path) -> None:
    hf.save(random_gpt("mistral", window=24), english_tokenizer(), tmp_path / "model")
    events = run(tmp_path / "model", tmp_path / "m.gguf", check=True)
    (warning,) = [event.text for event in events if isinstance(event, Log)]
    assert "offers 24 positions instead of 64" in warning
    assert isinstance(warning, Phrase)
    assert events[-1].stats["check"]["parity"]["positions"] == 24


def test_fallbacks_are_said_aloud(ahorn: Path, tmp_path: Path) -> None:
    events = run(ahorn, tmp_path / "a.gguf", quantize="q4_k_m", check=True)
    (log,) = [event for event in events if isinstance(event, Log)]
    assert log.level == "warning"
    assert isinstance(log.text, Phrase)
    assert log.text.startswith("15 matrices did not take the type q4_k_m")
    assert isinstance(events[-1], Finished)
    assert len(events[-1].stats["fallbacks"]) == 15


def test_the_name_and_the_licence_travel_along(ahorn: Path, tmp_path: Path) -> None:
    stats(ahorn, tmp_path / "a.gguf")
    metadata = read_header(tmp_path / "a.gguf").metadata
    assert metadata["general.name"] == "ahorn"
    assert metadata["general.license"] == "cc-by-4.0"


def test_where_it_comes_from_travels_along_without_where_that_lies(ahorn: Path, tmp_path: Path) -> None:
    run = tmp_path / "spring"
    shutil.copytree(ahorn, run / "model")
    data = {"files": [{"name": "tales.txt"}, {"name": "poems.txt"}]}
    about: dict[str, Any] = {"parent": "/home/me/acer", "parent_name": "acer", "data": data}
    (run / "run.json").write_text(json.dumps(about))
    stats(run, tmp_path / "a.gguf", quantize="f16")
    metadata = read_header(tmp_path / "a.gguf").metadata
    assert (metadata["general.base_model.count"], metadata["general.dataset.count"]) == (1, 2)
    assert lineage.of(tmp_path / "a.gguf") == {"parent": "acer", "data": ["tales.txt", "poems.txt"], "run": None}
    (run / "run.json").write_text(json.dumps(about | {"parent_name": None}))
    stats(run, tmp_path / "b.gguf", quantize="f16")
    assert b"/home/me" not in (tmp_path / "b.gguf").read_bytes()
    assert lineage.of(tmp_path / "b.gguf")["parent"] == "acer"


@pytest.mark.parametrize(
    "card", [None, "", "# no front matter\nlicense: mit\n", "---\nlicense:\n---\n", b"\xff\xfe---"]
)
def test_a_card_without_a_licence(card: str | bytes | None, ahorn: Path, tmp_path: Path) -> None:
    (ahorn / "README.md").unlink()
    if card is not None:
        (ahorn / "README.md").write_bytes(card if isinstance(card, bytes) else card.encode())
    stats(ahorn, tmp_path / "a.gguf")
    assert "general.license" not in read_header(tmp_path / "a.gguf").metadata


# --- which model, and where to ---------------------------------------------------------------------------------------


def test_a_folder_gets_the_models_name(ahorn: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert stats(ahorn, tmp_path / "out", quantize="f16")["out"] == str(tmp_path / "out" / "ahorn-f16.gguf")
    assert stats(ahorn, tmp_path / "new", quantize="f16")["out"] == str(tmp_path / "new" / "ahorn-f16.gguf")
    assert names(tmp_path / "new") == ["ahorn-f16.gguf"]


def test_a_run_is_exported_under_its_own_name(ahorn: Path, tmp_path: Path) -> None:
    run_folder = tmp_path / "spring"
    shutil.copytree(ahorn, run_folder / "model")
    for model in (run_folder, run_folder / "model"):
        assert stats(model, tmp_path / "out", quantize="f16")["out"].endswith("spring-f16.gguf")


def test_a_model_of_the_library(ahorn: Path, tmp_path: Path) -> None:
    models.add(ahorn, "my maple")
    assert stats("my maple", tmp_path / "a.gguf", quantize="f16")["size_bytes"] > 0


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    assert failure("nowhere", tmp_path / "a.gguf").code == "unknown_model"
    assert names(tmp_path) == []


def test_a_gguf_exported_again_is_the_same_file(ahorn: Path, tmp_path: Path) -> None:
    stats(ahorn, tmp_path / "ahorn.gguf")
    stats(tmp_path / "ahorn.gguf", tmp_path / "other" / "ahorn.gguf")
    assert (tmp_path / "other" / "ahorn.gguf").read_bytes() == (tmp_path / "ahorn.gguf").read_bytes()


def test_an_older_gguf_is_replaced(ahorn: Path, tmp_path: Path) -> None:
    stats(ahorn, tmp_path / "a.gguf", quantize="f32")
    stats(ahorn, tmp_path / "a.gguf", quantize="f16")
    assert read_header(tmp_path / "a.gguf").metadata["general.file_type"] == 1
    assert names(tmp_path) == ["a.gguf", "models"]


def test_a_file_that_is_no_gguf_stays(ahorn: Path, tmp_path: Path) -> None:
    (tmp_path / "diary.gguf").write_text("Dear diary")
    assert failure(ahorn, tmp_path / "diary.gguf").code == "export_name_taken"
    assert (tmp_path / "diary.gguf").read_text() == "Dear diary"
    (tmp_path / "folder.gguf" / "ahorn-f32.gguf").mkdir(parents=True)
    assert failure(ahorn, tmp_path / "folder.gguf").code == "export_name_taken"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"to": "onnx"}, "unknown_export"),
        ({"quantize": "q9_0"}, "unknown_gguf_type"),
        ({"to": "hf", "quantize": "q8_0"}, "unknown_folder_type"),
        ({"to": "hf", "check": True}, "usage"),
    ],
)
def test_wishes_that_cannot_be_met(params: dict[str, Any], code: str, ahorn: Path, tmp_path: Path) -> None:
    assert failure(ahorn, tmp_path / "out" / "a.gguf", **params).code == code
    assert not (tmp_path / "out").exists()


# --- failing and stopping --------------------------------------------------------------------------------------------


def with_a_wrong_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the writer swap two blocks' norms: what a mistake in its table would do."""
    right = gguf.tensor_names

    def wrong(config: Any) -> dict[str, tuple[str, ...]]:
        table = right(config)
        first, second = "blk.0.ffn_norm.weight", "blk.1.ffn_norm.weight"
        return table | {first: table[second], second: table[first]}

    monkeypatch.setattr(gguf, "tensor_names", wrong)


@pytest.mark.parametrize("type", ["f32", "q8_0", "q6_k"])
def test_a_failed_check_leaves_no_file(type: str, ahorn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_wrong_weight(monkeypatch)
    error = failure(ahorn, tmp_path / "out" / "a.gguf", quantize=type, check=True)
    assert error.code == "check_failed"
    assert "the limit is 0.0001" in str(error)
    assert names(tmp_path / "out") == []


def test_a_failed_check_leaves_the_older_file(ahorn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out" / "a.gguf"
    stats(ahorn, out)
    before = out.read_bytes()
    with_a_wrong_weight(monkeypatch)
    assert failure(ahorn, out, check=True).code == "check_failed"
    assert out.read_bytes() == before
    assert names(tmp_path / "out") == ["a.gguf"]


def test_a_file_less_like_the_model_than_its_type_allows_fails(
    ahorn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(check.LIMITS, "q8_0", check.Limits(1e-9, 1.0, 0.0, 2.0))
    error = failure(ahorn, tmp_path / "out" / "a.gguf", quantize="q8_0", check=True)
    assert "the mean KL divergence" in str(error)
    assert names(tmp_path / "out") == []


def events_until_cancelled(model: Path, out: Path, at: int, **params: Any) -> list[Event]:
    """The events of an export that is stopped when the phase number `at` begins."""
    context = JobContext()

    def stopping() -> Iterator[Event]:
        for event in export({"model": str(model), "out": str(out), **params}, context):
            yield event
            if isinstance(event, Progress) and event.done == at:
                context.cancelled.set()

    return list(stopping())


@pytest.mark.parametrize("at", range(5))
def test_stopping_in_any_phase_leaves_nothing(at: int, ahorn: Path, tmp_path: Path) -> None:
    events = events_until_cancelled(ahorn, tmp_path / "out" / "a.gguf", at, quantize="q6_k", check=True)
    assert events[-1] == Finished("cancelled")
    assert [event.done for event in events if isinstance(event, Progress)] == list(range(at + 1))
    assert names(tmp_path / "out") == []


def test_a_closed_generator_leaves_nothing(ahorn: Path, tmp_path: Path) -> None:
    events = export({"model": str(ahorn), "out": str(tmp_path / "out" / "a.gguf"), "quantize": "q6_k"}, JobContext())
    for event in events:
        if isinstance(event, Progress) and event.message == "Writing q6_k":
            break
    assert names(tmp_path / "out") != []
    events.close()  # type: ignore[attr-defined]
    assert names(tmp_path / "out") == []


def test_a_full_disk_leaves_nothing(ahorn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "a.gguf")

    monkeypatch.setattr(gguf.gguf.GGUFWriter, "write_tensor_data", full)
    assert failure(ahorn, tmp_path / "out" / "a.gguf").code == "disk_full"
    assert names(tmp_path / "out") == []


# --- model folder ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("type", "bits"), [("f32", 32.0), ("f16", 16.0), ("bf16", 16.0)])
def test_a_model_folder_in_another_type(type: str, bits: float, ahorn: Path, tmp_path: Path) -> None:
    found = stats(ahorn, tmp_path / "birke", to="hf", quantize=type)
    model, copy = GPT.load(ahorn), GPT.load(tmp_path / "birke")
    dtype = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[type]
    for (name, ours), theirs in zip(model.named_parameters(), copy.parameters(), strict=True):
        assert torch.equal(ours.to(dtype).float(), theirs), name
    assert copy.config == model.config
    assert Tokenizer.load(tmp_path / "birke").encode("a b c") == english_tokenizer().encode("a b c")
    assert (tmp_path / "birke" / "README.md").read_text() == CARD
    assert found["bits_per_weight"] == bits
    assert found["types"][type.upper()]["bytes"] == sum(p.numel() for p in model.parameters()) * bits / 8
    assert found["size_bytes"] == sum(path.stat().st_size for path in (tmp_path / "birke").iterdir())


def test_a_folder_with_other_files_stays(ahorn: Path, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("years of work")
    assert failure(ahorn, tmp_path / "papers", to="hf").code == "folder_in_use"
    assert names(tmp_path / "papers") == ["thesis.txt"]


def test_a_model_is_never_written_over_itself(ahorn: Path, tmp_path: Path) -> None:
    before = (ahorn / "model.safetensors").read_bytes()
    assert failure(ahorn, ahorn / ".." / "ahorn", to="hf", quantize="f16").code == "usage"
    assert (ahorn / "model.safetensors").read_bytes() == before


def test_stopping_before_a_folder_is_written(ahorn: Path, tmp_path: Path) -> None:
    events = events_until_cancelled(ahorn, tmp_path / "birke", at=0, to="hf")
    assert events[-1] == Finished("cancelled")
    assert not (tmp_path / "birke").exists()
