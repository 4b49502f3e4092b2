"""Files of torch.save, read without running what is in them."""

from __future__ import annotations

import collections
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from gguf_files import mutant

from engine.errors import EngineError
from engine.gpt import torch_zip

Data = Callable[..., Path]


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    whole = torch.randn(4, 6, generator=draw)
    return {
        "a": torch.randn(3, 5, generator=draw),
        "turned": whole.T,
        "part": whole[1:3, ::2],
        "half": torch.randn(7, generator=draw).half(),
        "brain": torch.randn(2, 2, generator=draw).bfloat16(),
        "double": torch.randn(2, generator=draw).double(),
        "number": torch.tensor(3.5),
        "nothing": torch.empty(0, 4),
    }


def read_all(path: Path) -> dict[str, torch.Tensor]:
    return {name: tensor.read() for name, tensor in torch_zip.tensors(torch_zip.read(path)).items()}


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_tensors_come_back_as_they_were(state: dict[str, torch.Tensor], protocol: int, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "x.pth", pickle_protocol=protocol)
    found = read_all(tmp_path / "x.pth")
    assert found.keys() == state.keys()
    for name, tensor in state.items():
        assert torch.equal(found[name], tensor.float())
        assert found[name].shape == tensor.shape


def test_a_module_and_a_whole_checkpoint_are_read(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4))
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    checkpoint = {
        "model_state_dict": module.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "parameters": list(module.parameters()),
        "epoch": 3,
        "note": "é" * 300,
        "loss": 0.25,
    }
    torch.save(checkpoint, tmp_path / "x.pt")
    value = torch_zip.read(tmp_path / "x.pt")
    assert (value["epoch"], value["note"], value["loss"]) == (3, "é" * 300, 0.25)
    for name, tensor in torch_zip.tensors(value["model_state_dict"]).items():
        assert torch.equal(tensor.read(), module.state_dict()[name])
    assert torch.equal(value["parameters"][0].read(), module[0].weight)


@pytest.mark.parametrize("name", ["mlp-state-dict.pth", "tiny_state_dict_with_one_key.pt"])
def test_real_files_are_read(name: str, data: Data) -> None:
    path = data(f"torch-checkpoints/{name}")
    expected = torch.load(path, weights_only=True)
    found = read_all(path)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key].float()) for key in found)


def test_every_malformed_pickle_is_refused_and_nothing_runs(data: Data, capfd: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in data("malformed-models/manifest.jsonl").read_text().splitlines()]
    paths = [data(f"malformed-models/{row['file']}") for row in rows if row["file"].startswith("pickle/")]
    assert len(paths) == 8
    for path in paths:
        with pytest.raises(EngineError) as caught:
            torch_zip.read(path)
        assert caught.value.code in ("pickled_weights", "bad_weights")
        assert path.name in str(caught.value)
    assert "UNSAFE-PICKLE-EXECUTED" not in "".join(capfd.readouterr())


class _Calls:
    """Pickles as a call of any function."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    "value",
    [
        {"x": _Calls(print, "ran")},
        {"x": _Calls(eval, "1 + 1")},
        _Calls(dict),
        {"x": _Calls(torch.zeros, 3)},
        {"x": _Calls(collections.OrderedDict, [("a", 1)])},
        {"x": {1, 2}},
        {"x": torch.nn.Linear(2, 2)},
    ],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_needs_a_call_is_refused(
    value: Any, protocol: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.save(value, tmp_path / "x.pth", pickle_protocol=protocol)
    with pytest.raises(EngineError, match="never does") as caught:
        torch_zip.read(tmp_path / "x.pth")
    assert caught.value.code == "pickled_weights"
    assert "ran" not in "".join(capfd.readouterr())


def archive(folder: Path, program: bytes, storage: bytes = bytes(16), compression: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "made.pth"
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("x/data.pkl", program)
        file.writestr("x/data/0", storage)
    return path


class _Storage:
    """Stands for a storage in a pickle of ours."""


def described(shape: tuple[int, ...], stride: tuple[int, ...], elements: int = 4, offset: int = 0) -> bytes:
    """The pickle of {"t": a tensor} with this description, whatever it says."""

    class Pickler(pickle._Pickler):  # the one in Python, whose names can be made up
        def persistent_id(self, value: Any) -> Any:
            return ("storage", torch.FloatStorage, "0", "cpu", elements) if isinstance(value, _Storage) else None

    out = io.BytesIO()
    arguments = (_Storage(), offset, shape, stride, False, collections.OrderedDict())
    Pickler(out, 2).dump({"t": _Calls(torch._utils._rebuild_tensor_v2, *arguments)})
    return out.getvalue()


def test_a_description_that_fits_is_followed(tmp_path: Path) -> None:
    path = archive(tmp_path, described((2, 2), (2, 1)), torch.arange(4.0).numpy().tobytes())
    assert read_all(path)["t"].tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("shape", "stride", "elements", "offset", "says"),
    [
        ((2, 2), (2, 1), 4, 1, "reaches beyond"),
        ((2, 2), (3, 1), 4, 0, "reaches beyond"),
        ((2**40,), (0,), 4, 0, "reaches beyond"),
        ((2**40,), (0,), 2**61, 0, "not what its description says"),
        ((2, 2), (2, 1), 5, 0, "not what its description says"),
        ((2, 2), (2,), 4, 0, "never does"),
        ((-2, 2), (2, 1), 4, 0, "never does"),
        ((2, 2), (2, 1), 4, -1, "never does"),
        ((2, 2.0), (2, 1), 4, 0, "never does"),
    ],
)
def test_a_description_that_lies_is_refused(
    shape: Any, stride: Any, elements: int, offset: int, says: str, tmp_path: Path
) -> None:
    path = archive(tmp_path, described(shape, stride, elements, offset))
    with pytest.raises(EngineError, match=says):
        read_all(path)


def test_packed_entries_are_never_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path, described((2, 2), (2, 1)), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(EngineError, match="far larger") as caught:
        torch_zip.read(path)
    assert caught.value.code == "bad_weights"


@pytest.mark.parametrize(
    "program", [b"", b"garbage", b"\x80\x02.", b"\x80\x02K\x05.", b"\x80\x02(.", b"\x80\x02h\x07."]
)
def test_programs_that_do_not_hold_together_are_refused(program: bytes, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        torch_zip.read(archive(tmp_path, program))
    assert caught.value.code == "bad_weights"


def test_whole_numbers_are_no_weights(tmp_path: Path) -> None:
    torch.save({"ids": torch.arange(3)}, tmp_path / "x.pth")
    with pytest.raises(EngineError, match="int64"):
        read_all(tmp_path / "x.pth")


@pytest.mark.trial(sample=300, full=10_000)
def test_mutants_are_read_or_named(
    trials: range, state: dict[str, torch.Tensor], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torch.save(state, tmp_path / "x.pth")
    original, path = (tmp_path / "x.pth").read_bytes(), tmp_path / "mutant.pth"
    for seed in trials:
        path.write_bytes(mutant(original, len(original), seed))
        with suppress(EngineError):  # nothing else may come out
            read_all(path)
    assert capfd.readouterr() == ("", "")
