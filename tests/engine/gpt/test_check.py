"""The proof of an export finds what is wrong: a weight, a token, a template, a text; and calls a tie a tie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from random_gpt import english_tokenizer, random_gpt

from engine.errors import EngineError
from engine.gpt import check
from engine.gpt.check import LIMITS, Likeness, Limits, check_likeness, check_parity, measure_likeness
from engine.gpt.gguf import TYPES, write_gguf
from engine.gpt.model import GPT
from engine.gpt.tokenizer import Tokenizer
from engine.phrases import phrase
from engine.runtime.llama import LlamaRuntime


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def exported(model: GPT, folder: Path, type: str = "f32", tokenizer: Tokenizer | None = None) -> Path:
    write_gguf(model, tokenizer or english_tokenizer(), folder / "m.gguf", type)
    return folder / "m.gguf"


def changed(model: GPT, name: str, change: Callable[[torch.Tensor], torch.Tensor]) -> GPT:
    """A copy of the model with one parameter changed."""
    copy = GPT(model.config).eval()
    copy.load_state_dict(model.state_dict())
    with torch.no_grad():
        parameter = dict(copy.named_parameters())[name]
        parameter.copy_(change(parameter))
    return copy


# --- parity ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", [2, 64, 700])
def test_a_true_export_passes(context: int, tmp_path: Path) -> None:
    model = random_gpt("qwen3", context=context)
    parity = check_parity(model, english_tokenizer(), exported(model, tmp_path))
    assert parity.positions == min(64, context)
    assert parity.max_logit_difference <= parity.limit == 1e-4
    assert parity.greedy_tokens == 256
    assert parity.ties == ()


@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_any_wrong_parameter_fails(shape: str, tmp_path: Path) -> None:
    model = random_gpt(shape, tied=False, qkv_bias=shape == "gpt2", layers=1)
    for name, _ in model.named_parameters():
        if name.endswith("key.bias"):
            continue  # adds the same to every score of a query, which softmax does not see
        path = exported(changed(model, name, lambda parameter: parameter.flip(0)), tmp_path)
        with pytest.raises(EngineError) as error:
            check_parity(model, english_tokenizer(), path)
        assert error.value.data["figure"] == "the largest difference of two logits", name


def test_a_failure_names_the_figure_and_its_limit(tmp_path: Path) -> None:
    model = random_gpt("qwen3")
    path = exported(changed(model, "norm.weight", lambda weight: weight * 1.001), tmp_path)
    with pytest.raises(EngineError, match=r"the largest difference of two logits is 0\.0\d+, the limit is 0\.0001"):
        check_parity(model, english_tokenizer(), path)


def test_a_difference_beyond_the_compared_positions_is_found_by_the_greedy_text(tmp_path: Path) -> None:
    model = random_gpt("gpt2", context=200)

    def other_position(positions: torch.Tensor) -> torch.Tensor:
        return torch.cat((positions[:70], -positions[70:71], positions[71:]))

    path = exported(changed(model, "positions.weight", other_position), tmp_path)
    with pytest.raises(EngineError, match="logits for greedy token 8 is"):  # 64 of the prompt, then 7: position 70
        check_parity(model, english_tokenizer(), path)


def test_another_token_with_the_same_logits_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ids are compared too, not only numbers: here llama.cpp seems to choose the worst token."""
    model = random_gpt("qwen3")
    path = exported(model, tmp_path)
    monkeypatch.setattr(check, "_largest", lambda difference: 0.0)
    evaluate = LlamaRuntime.evaluate
    monkeypatch.setattr(LlamaRuntime, "evaluate", lambda runtime, ids, want="last": -evaluate(runtime, ids, want))
    with pytest.raises(EngineError, match="the margin by which greedy token 1 differs is"):
        check_parity(model, english_tokenizer(), path)


def test_two_equal_logits_are_a_tie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens with the same row of the head: which one llama.cpp calls the largest is no fault of the file."""
    model = random_gpt("qwen3", tied=False)
    twins = changed(model, "output.weight", lambda rows: rows[torch.arange(416) // 2 * 2])
    evaluate = LlamaRuntime.evaluate

    def last_of_the_largest(runtime: LlamaRuntime, ids: list[int], want: str = "last") -> np.ndarray:
        logits = evaluate(runtime, ids, want)
        if want == "last":
            best = np.flatnonzero(logits[-1] == logits[-1].max())[-1]
            logits[-1, best] = np.nextafter(logits[-1, best], np.inf, dtype=np.float32)
        return logits

    monkeypatch.setattr(LlamaRuntime, "evaluate", last_of_the_largest)
    parity = check_parity(twins, english_tokenizer(), exported(twins, tmp_path))
    assert len(parity.ties) > 200
    assert parity.ties[0] == 0


def test_one_other_token_fails(tmp_path: Path) -> None:
    other = Tokenizer.train(["completely different words make different merges " * 9], 400)
    model = random_gpt("qwen3")
    with pytest.raises(EngineError, match="a difference in the ids of the probe text"):
        check_parity(model, english_tokenizer(), exported(model, tmp_path, tokenizer=other))


def test_another_template_fails(tmp_path: Path) -> None:
    english_tokenizer().save(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    model = random_gpt("qwen3")
    path = exported(model, tmp_path, tokenizer=tokenizer)
    tokenizer.template = "{{ messages }}"
    with pytest.raises(EngineError, match="a difference in the chat template"):
        check_parity(model, tokenizer, path)
    tokenizer.template = None
    check_parity(model, tokenizer, exported(model, tmp_path, tokenizer=tokenizer))


def test_what_goes_on_where_the_other_ends_differs_there() -> None:
    with pytest.raises(EngineError, match="a difference in the greedy text, first at position 2"):
        check._require_equal(phrase("the greedy text"), "ab", "abc")


def test_a_token_with_other_bytes_fails(tmp_path: Path) -> None:
    english_tokenizer().save(tmp_path)
    tokenizer = Tokenizer.load(tmp_path)
    model = random_gpt("qwen3")
    path = exported(model, tmp_path, tokenizer=tokenizer)
    tokenizer._pieces[123] = b"?"
    with pytest.raises(EngineError, match="a difference in the tokens, first at position 123"):
        check_parity(model, tokenizer, path)


def test_gelu_by_table_rounds_as_ggml_does() -> None:
    """float16 in and float16 out between -10 and 10; beyond, nothing is left or nothing is rounded."""
    x = torch.tensor([-11.0, -10.0, 10.0, 12.345678, 0.0, -0.1, 0.3333333, 9.99])
    exact = F.gelu(x, approximate="tanh")
    with check._GeluTable():
        rounded = F.gelu(x, approximate="tanh")
    assert torch.equal(rounded[:5], torch.tensor([0.0, 0.0, 10.0, 12.345678, 0.0]))
    assert torch.equal(rounded[5:], rounded[5:].half().float())
    assert not torch.equal(rounded[5:], exact[5:])
    assert torch.allclose(rounded, exact, rtol=2e-3)


def test_the_limit_of_gpt2_is_what_the_table_moves(tmp_path: Path) -> None:
    model = random_gpt("gpt2")
    parity = check_parity(model, english_tokenizer(), exported(model, tmp_path))
    assert parity.limit == parity.rounding > 1e-4
    assert parity.max_logit_difference < parity.limit


# --- likeness --------------------------------------------------------------------------------------------------------


def test_every_rounded_type_has_limits() -> None:
    assert LIMITS.keys() == set(TYPES) - {"f32"}


@pytest.mark.parametrize("type", ["f16", "bf16", "q8_0", "q6_k"])
def test_rounded_types_pass(type: str, tmp_path: Path) -> None:
    model = random_gpt("gpt2", width=256, layers=1)
    likeness = check_likeness(model, english_tokenizer(), exported(model, tmp_path, type), type)
    assert likeness.positions == 2048
    assert likeness.mean_kl > 0
    assert likeness.file_perplexity == pytest.approx(likeness.perplexity, rel=0.03)


def test_the_figures_are_the_textbooks(tmp_path: Path) -> None:
    """KL, argmax and perplexity once more, straight from the two logits, for a file that differs a lot."""
    model = random_gpt("qwen3", context=48)
    other = changed(model, "blocks.1.feed_forward.down.weight", torch.neg)
    tokenizer = english_tokenizer()
    found = measure_likeness(model, tokenizer, exported(other, tmp_path))
    ids = tokenizer.encode(check.resource("check.txt").read_text(encoding="utf-8"))
    windows = torch.tensor([ids[start : start + 48] for start in range(0, 2048, 48)])
    with torch.inference_mode():
        ours, theirs = model(windows).double().log_softmax(-1), other(windows).double().log_softmax(-1)
    divergence = (ours.exp() * (ours - theirs)).sum(-1)
    loss = -theirs[:, :-1].gather(-1, windows[:, 1:, None]).mean()
    assert found.positions == windows.numel()
    assert found.mean_kl == pytest.approx(divergence.mean().item(), rel=1e-4)
    assert found.kl_99 == pytest.approx(divergence.quantile(0.99).item(), rel=1e-4)
    assert found.same_argmax == pytest.approx((ours.argmax(-1) == theirs.argmax(-1)).double().mean().item(), abs=1e-3)
    assert found.file_perplexity == pytest.approx(loss.exp().item(), rel=1e-4)


@pytest.mark.parametrize(
    ("worse", "figure"),
    [
        ({"mean_kl": 0.006}, "the mean KL divergence is 0.006, the limit is 0.005"),
        ({"kl_99": 0.06}, "the 99th percentile of the KL divergence is 0.06"),
        ({"same_argmax": 0.9}, "the share of different likeliest tokens is 0.1"),
        ({"file_perplexity": 20.5}, "the ratio of the perplexities is 1.02"),
        ({"mean_kl": float("nan")}, "the mean KL divergence is nan"),
    ],
    ids=str,
)
def test_each_figure_is_held_to_its_limit(
    worse: dict[str, Any], figure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Likeness(2048, mean_kl=0.001, kl_99=0.01, same_argmax=0.99, perplexity=20.0, file_perplexity=20.01)
    model, path = random_gpt("qwen3"), tmp_path / "m.gguf"
    monkeypatch.setattr(check, "measure_likeness", lambda *_: good)
    assert check_likeness(model, english_tokenizer(), path, "q8_0") == good
    monkeypatch.setattr(check, "measure_likeness", lambda *_: replace(good, **worse))
    with pytest.raises(EngineError) as error:
        check_likeness(model, english_tokenizer(), path, "q8_0")
    assert figure in str(error.value)


def test_a_file_of_another_model_fails(tmp_path: Path) -> None:
    path = exported(random_gpt("qwen3", seed=5), tmp_path, "q8_0")
    with pytest.raises(EngineError) as error:
        check_likeness(random_gpt("qwen3"), english_tokenizer(), path, "q8_0")
    assert error.value.code == "check_failed"


def test_limits_are_wider_for_coarser_types() -> None:
    order = ["f16", "bf16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k"]
    limits: list[Limits] = [LIMITS[type] for type in order]
    for field in ("mean_kl", "kl_99", "perplexity"):
        values = [getattr(limit, field) for limit in limits]
        assert values == sorted(values), field
