"""Every form of a model that can be opened, found by its path, exported and trained on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from random_gpt import english_tokenizer, random_gpt
from random_lora import IDS, adapted
from safetensors.torch import load_file

from engine.errors import EngineError
from engine.events import Finished
from engine.gpt import adapter, hf, litgpt, opening
from engine.gpt.export import export
from engine.gpt.gguf import write_gguf
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.jobs import JobContext
from engine.library import facts, models
from engine.runtime.base import open_runtime
from engine.runtime.fingerprint import model_fingerprint
from engine.training.prepare import open_parent, weights_sha256

FORMS = ("hf", "gguf", "litgpt", "run")


@pytest.fixture
def model() -> GPT:
    torch.set_num_threads(1)
    return random_gpt("llama")


def written(model: GPT, form: str, folder: Path) -> Path:
    """The model in one of the forms; what to say to open it."""
    tokenizer, place = english_tokenizer(), folder / "mine"
    if form == "gguf":
        write_gguf(model, tokenizer, folder / "mine.gguf", "f32", {"name": "../mine", "license": "mit"})
        return folder / "mine.gguf"
    if form == "litgpt":
        litgpt.save(model, tokenizer, place, "mine", torch.float32, "---\nlicense: mit\n---\n")
        return place
    hf.save(model, tokenizer, place / "model" if form == "run" else place, "---\nlicense: mit\n---\n")
    return place


def exported(params: dict[str, Any]) -> Finished:
    *_, last = export(params, JobContext(threading.Event()))
    assert isinstance(last, Finished)
    return last


@pytest.mark.parametrize("form", FORMS)
def test_every_form_opens_as_the_same_model(form: str, model: GPT, tmp_path: Path) -> None:
    place = opening.find(written(model, form, tmp_path))
    opened, tokenizer = opening.open_model(place)
    assert opened.config == model.config
    assert all(torch.equal(opened.state_dict()[name], tensor) for name, tensor in model.state_dict().items())
    assert tokenizer.encode("a seed") == english_tokenizer().encode("a seed")
    assert opening.name_of(place) == "mine"
    assert opening.licence_of(place) == "mit"
    assert all(file.is_file() for file in opening.weight_files(place))


def test_every_form_tells_between_tensors_how_far_it_is_and_may_be_stopped(model: GPT, tmp_path: Path) -> None:
    places = [written(model, form, tmp_path / form) for form in ("hf", "gguf", "litgpt")]
    adapter.save(adapted("llama"), LoRAConfig(rank=4), english_tokenizer(), str(places[0]), tmp_path / "adapter")
    for place in (*places, tmp_path / "adapter"):
        shares: list[float] = []
        opening.open_model(place, shares.append)
        assert shares == sorted(set(shares)), place
        assert (shares[0], len(shares) > 10) == (0, True), place

        def stop(share: float) -> None:
            if share > 0.5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            opening.open_model(place, stop)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_the_parent_of_a_run(form: str, model: GPT, tmp_path: Path) -> None:
    parent = open_parent(str(written(model, form, tmp_path)))
    assert parent.model.config == model.config
    assert parent.path.is_absolute()
    assert [len(digest) for digest in weights_sha256(parent.path).values()] == [64]


def test_an_adapter_does_not_lie_over_a_checkpoint_of_the_textbook(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "book.pth")
    with pytest.raises(EngineError, match="--to hf") as caught:
        weights_sha256(tmp_path / "book.pth")
    assert caught.value.code == "parent_no_base"


@pytest.mark.parametrize("form", ["hf", "gguf", "litgpt"])
def test_an_adapter_opens_over_every_form_of_its_base(form: str, model: GPT, tmp_path: Path) -> None:
    base, config = written(model, form, tmp_path), LoRAConfig(rank=4, alpha=6)
    trained = adapted("llama", config)
    adapter.save(trained, config, english_tokenizer(), str(base), tmp_path / "adapter")
    merged, _ = opening.open_model(tmp_path / "adapter")
    with torch.no_grad():
        assert (merged(IDS) - trained(IDS)).abs().max() < 1e-4
        assert (merged(IDS) - model(IDS)).abs().max() > 0.1
    assert replace(opening.read_config(tmp_path / "adapter"), tied=model.config.tied) == model.config
    assert opening.licence_of(tmp_path / "adapter") == "mit"

    entry = models.add(tmp_path / "adapter", "mine")
    size = sum(file.stat().st_size for file in opening.weight_files(base))
    assert models.describe(entry)["size_bytes"] == size + (tmp_path / "adapter" / adapter.WEIGHTS).stat().st_size
    runtime = open_runtime("mine", threads=1, memory_percent=90)
    try:
        found = runtime.evaluate(IDS[0].tolist(), "all")
        assert np.abs(found - merged(IDS[:1])[0].detach().numpy()).max() < 1e-4
        assert runtime.info.size_bytes == size
        fingerprint = runtime.info.fingerprint
    finally:
        runtime.close()
    written(random_gpt("llama", seed=8), form, tmp_path)
    assert model_fingerprint(tmp_path / "adapter", base) != fingerprint  # another base is another model


@pytest.mark.parametrize(("form", "named"), [("hf", False), ("gguf", True), ("litgpt", True)])
def test_the_card_says_what_peft_cannot_open(form: str, named: bool, model: GPT, tmp_path: Path) -> None:
    base = written(model, form, tmp_path)
    adapter.save(adapted("llama"), LoRAConfig(rank=4, alpha=6), english_tokenizer(), str(base), tmp_path / "adapter")
    card = (tmp_path / "adapter" / "README.md").read_text()
    assert ("the peft library does not" in card and "lora.merge" in card and base.name in card) is named


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("to", ["hf", "litgpt"])
def test_every_form_becomes_a_folder(form: str, to: str, model: GPT, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = exported({"model": str(written(model, form, tmp_path)), "out": str(out), "to": to})
    assert done.stats["to"] == to
    again, tokenizer = opening.open_model(out)
    assert all(torch.equal(again.state_dict()[name], tensor) for name, tensor in model.state_dict().items())
    assert tokenizer.end_ids == english_tokenizer().end_ids
    assert facts.licence(out / "README.md") == "mit"


def test_a_gguf_becomes_a_gguf_again_with_the_proof(model: GPT, tmp_path: Path) -> None:
    source = written(model, "gguf", tmp_path)
    done = exported({"model": str(source), "out": str(tmp_path / "again.gguf"), "to": "gguf", "check": True})
    assert done.stats["check"]["parity"]["max_logit_difference"] < 1e-4
    assert opening.licence_of(tmp_path / "again.gguf") == "mit"


def test_a_licence_that_is_none_is_not_written_into_a_card(model: GPT, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    write_gguf(model, english_tokenizer(), path, "f32", {"license": "mit\nauthor: someone"})
    assert opening.licence_of(path) is None
    assert "someone" not in opening.card_of(path, model)


def test_a_foreign_tokenizer_goes_through_export_byte_for_byte(data: Callable[..., Path], tmp_path: Path) -> None:
    source = data("tokenizer-mistral-7b-v0.2")
    model = random_gpt("llama", vocabulary=32000, width=32, heads=1, layers=1)
    hf.save(model, Tokenizer.load(source), tmp_path / "in")
    exported({"model": str(tmp_path / "in"), "out": str(tmp_path / "out"), "to": "hf"})
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        assert (tmp_path / "out" / name).read_bytes() == (source / name).read_bytes()


@pytest.mark.parametrize("name", ["print-zip.pt", "eval-zip.pth", "print-legacy.bin", "zip-bomb.pt"])
def test_a_pickle_that_wants_to_run_never_does(
    name: str, data: Callable[..., Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = shutil.copy(data(f"malformed-models/pickle/{name}"), tmp_path)
    with pytest.raises(EngineError) as caught:
        opening.open_model(opening.find(path))
    assert caught.value.code in ("pickled_weights", "bad_weights")
    assert "UNSAFE-PICKLE-EXECUTED" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("shards", [1, 2])
def test_a_folder_of_archives_opens_where_there_is_no_safetensors(shards: int, model: GPT, tmp_path: Path) -> None:
    """Older models come as pytorch_model.bin: plain dictionaries of tensors are read, and nothing is run."""
    hf.save(model, english_tokenizer(), tmp_path)
    state = load_file(tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").unlink()
    names = ["pytorch_model.bin"] if shards == 1 else ["pytorch_model-1-of-2.bin", "pytorch_model-2-of-2.bin"]
    places = {key: names[n % shards] for n, key in enumerate(state)}
    for name in names:
        torch.save({key: tensor for key, tensor in state.items() if places[key] == name}, tmp_path / name)
    if shards > 1:
        (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": places}))
    opened, _ = opening.open_model(opening.find(tmp_path))
    assert all(torch.equal(opened.state_dict()[name], tensor) for name, tensor in model.state_dict().items())
    assert [path.name for path in opening.weight_files(tmp_path)] == names


def test_an_archive_that_wants_to_run_is_no_weights(model: GPT, data: Callable[..., Path], tmp_path: Path) -> None:
    hf.save(model, english_tokenizer(), tmp_path)
    (tmp_path / "model.safetensors").unlink()
    shutil.copy(data("malformed-models/pickle/print-zip.pt"), tmp_path / "pytorch_model.bin")
    with pytest.raises(EngineError, match="never does") as caught:
        opening.open_model(tmp_path)
    assert caught.value.code == "pickled_weights"


def test_the_starter_is_found_by_its_name() -> None:
    assert (opening.find("starter") / "config.json").is_file()
    with pytest.raises(EngineError, match="no model called"):
        opening.find("nobody")


# --- how long it takes -----------------------------------------------------------------------------------------------

_OPEN_THE_STARTER = """
import sys
from engine.gpt import model, opening
{before}
opening.open_model(opening.find("starter"))
print("torch._dynamo" in sys.modules)
"""


@pytest.mark.parametrize(
    ("before", "loaded"), [("", "False"), ("import contextlib; model._Undrawn = contextlib.nullcontext", "True")]
)
def test_torchs_compiler_is_not_loaded_to_open_a_model(before: str, loaded: str) -> None:
    """It takes a second. Where shapes draw first values, it is."""
    program = _OPEN_THE_STARTER.format(before=before)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == [loaded], ended.stderr
