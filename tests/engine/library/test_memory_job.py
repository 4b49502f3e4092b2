"""The job that says what a model will take, and that a loaded one takes it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from random_gpt import english_tokenizer, random_gpt
from small_run import write_parent

from engine import hardware, jobs
from engine.events import Event, Failed, Finished
from engine.gpt.gguf import write_gguf
from engine.hardware import Memory
from engine.library import learned, memory_job
from engine.library.memory_fit import needed
from engine.runtime import llama_library
from engine.runtime.gguf_header import read_header
from engine.runtime.llama import LlamaRuntime, log

GB = 10**9


def run(job: str, state: dict[str, Any] | None = None, **params: Any) -> Event:
    *_, last = jobs.run(jobs.find(job), params, jobs.JobContext(state=state if state is not None else {}))
    return last


def told(**params: Any) -> dict[str, Any]:
    last = run("memory", **params)
    assert isinstance(last, Finished), last
    return last.stats


def test_a_model_of_the_library() -> None:
    stats = told(model="starter", options={"context": 512, "template": "x", "memory_percent": 50})
    parts = [stats["need"][name] for name in ("weights", "cache", "compute", "overhead")]
    assert stats["need"]["total"] == sum(parts)
    assert min(parts) > 0
    assert stats["context"] == 512
    assert stats["largest_context"] >= 512
    assert (stats["verdict"], stats["gpu_layers"]) == ("fits", {})
    json.dumps(stats)


def test_options_change_what_it_takes() -> None:
    usual = told(model="starter")["need"]
    assert told(model="starter", options={"cache_type": "f32"})["need"]["cache"] == 2 * usual["cache"]
    assert told(model="starter", options={"mmap": False})["need"]["mapped"] == 0
    assert told(model="starter", options={"mlock": True})["need"]["mapped"] == 0 < usual["mapped"]


def test_a_draft_model_counts(data: Any) -> None:
    path = data("gguf-tiny-random/llama-2-tiny-random.gguf")
    alone = told(path=str(path))["need"]
    both = told(path=str(path), options={"speculation": "draft", "draft_model": str(path)})["need"]
    assert both["weights"] == 2 * alone["weights"]


def test_free_memory_and_what_unloading_frees(monkeypatch: pytest.MonkeyPatch) -> None:
    total = told(model="starter")["need"]["total"]
    monkeypatch.setattr(hardware, "memory", lambda: Memory(16 * GB, total // 4))
    assert told(model="starter", freed=0)["verdict"] == "too_large"
    stats = told(model="starter", freed=total)
    assert (stats["verdict"], stats["available"]) == ("fits", total // 4 + total)
    assert told(model="starter", freed=0)["largest_context"] == 0
    last = run("memory", {"backend": object()}, model="starter")  # this process would give back all it holds
    assert isinstance(last, Finished)
    assert last.stats["available"] > 50_000_000


def test_what_was_learned_corrects_it() -> None:
    usual = told(model="starter")["need"]
    need = needed(read_header(_starter()), context=4096)
    for _ in range(3):
        learned.record(need, need.weights + need.cache + round(1.5 * (need.compute + need.overhead)))
    assert told(model="starter")["need"]["overhead"] == pytest.approx(1.5 * usual["overhead"], rel=1e-3)


def test_layers_for_each_graphics_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [llama_library.Gpu("large", Memory(80 * GB, 80 * GB)), llama_library.Gpu("full", Memory(80 * GB, 0))]
    monkeypatch.setattr(llama_library, "gpus", lambda: found)
    blocks = read_header(_starter()).model_value("block_count")
    assert told(model="starter")["gpu_layers"] == {"large": blocks + 1, "full": 0}
    assert told(model="starter")["gpu_verdicts"] == {"large": "fits", "full": "too_large"}
    monkeypatch.setattr(memory_job, "suggested_gpu_layers", lambda *_args, **_options: 1)
    assert set(told(model="starter")["gpu_verdicts"].values()) == {"slow"}


def test_there_is_no_graphics_processor_in_a_build_for_processors() -> None:
    assert llama_library.gpus() == [] or llama_library.c.llama_supports_gpu_offload()


def test_a_model_folder(tmp_path: Path) -> None:
    folder = str(write_parent(tmp_path / "m"))
    short, long = (told(model=folder, options={"context": context}) for context in (10, 20))
    assert short["verdict"] == "fits"
    assert short["need"]["weights"] == long["need"]["weights"] > 0
    assert 2 * short["need"]["cache"] == long["need"]["cache"] > 0
    failed = run("memory", model=folder, options={"context": 0})
    assert isinstance(failed, Failed)
    assert failed.code == "bad_option"


@pytest.mark.parametrize(
    ("params", "code"),
    [({"model": "nobody"}, None), ({"model": "starter", "options": {"cache_type": "q9"}}, "bad_option")],
)
def test_what_cannot_be_told(params: dict[str, Any], code: str | None) -> None:
    last = run("memory", **params)
    assert isinstance(last, Failed)
    assert last.code == (code or last.code)
    assert last.code != "bug"


# --- as it turns out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"cache_type": "q8_0", "context": 600}, {"flash_attention": False}])
def test_the_cache_is_what_llama_cpp_reserves_and_the_buffers_nearly(options: dict[str, Any]) -> None:
    runtime = LlamaRuntime(_starter(), threads=1, gpu_layers=0, **options)
    assert runtime.memory is not None
    need, _ = runtime.memory
    runtime.close()
    assert log.sizes["CPU KV"] == pytest.approx(need.cache, abs=0.01 * 2**20)
    assert log.sizes["CPU compute"] <= 1.1 * need.compute


@pytest.mark.parametrize("mmap", [True, False])
def test_weights_that_are_rearranged_count_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mmap: bool) -> None:
    path = tmp_path / "m.gguf"
    write_gguf(random_gpt("llama", width=64, heads=2, tied=False), english_tokenizer(), path, "q4_0")
    monkeypatch.setattr(hardware, "resident", lambda: GB)
    runtime = LlamaRuntime(path, threads=1, gpu_layers=0, mmap=mmap)
    runtime.close()
    assert runtime.memory is not None
    need, measured = runtime.memory
    rearranged = log.sizes["CPU_REPACK model"]
    assert rearranged > 0
    assert measured == GB + log.sizes["CPU compute"] - (rearranged if mmap else 0)
    assert need.mapped == pytest.approx(need.weights - rearranged if mmap else 0, abs=0.01 * 2**20)


def test_a_worker_takes_what_was_predicted_says_both_and_learns_from_its_first_load(home: Path) -> None:
    script = (
        "from engine import jobs; import json\n"
        "context, params = jobs.JobContext(), {'model': 'starter', 'options': {'gpu_layers': 0}}\n"
        "for _ in range(2):\n"
        "    *_, last = jobs.run(jobs.find('load'), params, context)\n"
        "    print(json.dumps(last.stats['memory']))\n"
    )
    out = subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.PIPE, text=True).stdout
    first, _second = map(json.loads, out.splitlines())
    assert first["predicted"] == pytest.approx(first["measured"], rel=0.25)
    assert len(json.loads((home / "memory_fit.json").read_text())["ratios"]) == 1


def _starter() -> Path:
    from engine.library.models import resolve

    return resolve("starter").path
