"""Adapters beside the matrices of a model: which, what they compute, what learns, and what remains."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from random_gpt import random_gpt
from random_lora import IDS, adapted
from torch import Tensor, nn

from engine.errors import EngineError
from engine.gpt import lora
from engine.gpt.config import SHAPES
from engine.gpt.lora import LoRAConfig, LoRALinear


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def plain_formula(layer: LoRALinear, x: Tensor) -> Tensor:
    assert isinstance(layer.base, nn.Linear)
    return layer.base(x) + layer.scale * F.linear(F.linear(x, layer.a), layer.b)


# --- settings --------------------------------------------------------------------------------------------------------


def test_the_scale_and_that_of_rslora() -> None:
    assert LoRAConfig(rank=16, alpha=32).scale == 2
    assert LoRAConfig(rank=16, alpha=32, rslora=True).scale == 8


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", 0),
        ("rank", 5000),
        ("rank", True),
        ("rank", 8.0),
        ("alpha", 0),
        ("alpha", math.nan),
        ("alpha", "16"),
        ("dropout", 1),
        ("dropout", -0.1),
        ("targets", ()),
    ],
)
def test_settings_that_mean_nothing_are_refused(field: str, value: Any) -> None:
    with pytest.raises(EngineError) as error:
        LoRAConfig(**{field: value})
    assert (error.value.code, error.value.data["field"]) == ("bad_config", field)


# --- which matrices --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "targets", "leaves"),
    [
        ("qwen3", ["all-linear"], {"query", "key", "value", "output", "gate", "up", "down"}),
        ("qwen3", ["q_proj", "v_proj"], {"query", "value"}),
        ("qwen3", ["query", "value"], {"query", "value"}),
        ("qwen3", ["o_proj"], {"output"}),
        ("qwen3", ["feed_forward.up", "mlp.down_proj"], {"up", "down"}),
        ("gpt2", ["all-linear"], {"query", "key", "value", "output", "up", "down"}),
        ("gpt2", ["c_attn"], {"query", "key", "value"}),
        ("gpt2", ["query", "key"], {"query", "key"}),
        ("gpt2", ["c_proj"], {"output", "down"}),
        ("gpt2", ["attn.c_proj"], {"output"}),
    ],
)
def test_targets_by_our_names_and_by_theirs(shape: str, targets: list[str], leaves: set[str]) -> None:
    model = adapted(shape, LoRAConfig(rank=2, targets=tuple(targets)))
    found = lora.layers(model)
    assert {name.rpartition(".")[2] for name in found} == leaves
    assert len(found) == 2 * len(leaves)  # in both layers


def test_one_matrix_of_one_layer() -> None:
    model = adapted(config=LoRAConfig(targets=("blocks.1.attention.query",)))
    assert list(lora.layers(model)) == ["blocks.1.attention.query"]


@pytest.mark.parametrize("target", ["c_attn", "uery", "embedding", "norm", "attention_norm", "lm_head", ""])
def test_a_target_that_is_no_matrix_is_named_with_those_there_are(target: str) -> None:
    with pytest.raises(EngineError) as error:
        lora.attach(random_gpt("qwen3"), LoRAConfig(targets=("q_proj", target)))
    assert error.value.code == "lora_target"
    assert "all-linear, query, key, value, output, gate, up, down, q_proj" in str(error.value)


def test_matrices_of_one_tensor_share_what_they_read() -> None:
    layers = lora.layers(adapted("gpt2"))
    query, key = layers["blocks.0.attention.query"], layers["blocks.0.attention.key"]
    assert query.a is key.a
    assert query.b is not key.b
    layers = lora.layers(adapted("qwen3"))
    assert layers["blocks.0.attention.query"].a is not layers["blocks.0.attention.key"].a


# --- beginning -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_a_fresh_adapter_changes_nothing(shape: str) -> None:
    model = random_gpt(shape)
    before = model(IDS)
    lora.attach(model, LoRAConfig(), seed=0)
    assert torch.equal(model(IDS), before)


def test_a_begins_as_peft_draws_it_and_follows_from_the_seed() -> None:
    def drawn(seed: int) -> Tensor:
        model = random_gpt("qwen3")
        lora.attach(model, LoRAConfig(rank=64), seed)
        return lora.layers(model)["blocks.1.feed_forward.down"].a.detach()

    first = drawn(1)
    wanted = torch.empty_like(first)
    nn.init.kaiming_uniform_(wanted, a=math.sqrt(5))
    assert first.abs().max() <= first.size(1) ** -0.5
    assert first.std().item() == pytest.approx(wanted.std().item(), rel=0.05)
    assert torch.equal(first, drawn(1))
    assert not torch.equal(first, drawn(2))


# --- one layer -------------------------------------------------------------------------------------------------------


def layer_and_input(dropout: float = 0.0, bias: bool = True) -> tuple[LoRALinear, Tensor]:
    torch.manual_seed(3)
    base = nn.Linear(24, 40, bias=bias).requires_grad_(False)
    layer = LoRALinear(base, nn.Parameter(torch.randn(6, 24)), scale=0.7, dropout=dropout)
    nn.init.normal_(layer.b)
    return layer, torch.randn(2, 5, 24, requires_grad=True)


@pytest.mark.parametrize("bias", [True, False])
def test_the_layer_is_its_formula_forward_and_backward(bias: bool) -> None:
    layer, x = layer_and_input(bias=bias)
    inputs = (x, layer.a, layer.b)
    weights = torch.randn(2, 5, 40)
    ours, formula = layer(x), plain_formula(layer, x)
    torch.testing.assert_close(ours, formula)
    found = torch.autograd.grad((ours * weights).sum(), inputs)
    torch.testing.assert_close(found, torch.autograd.grad((formula * weights).sum(), inputs))


def test_gradients_agree_with_differences() -> None:
    layer, _ = layer_and_input()
    layer.double()
    x = torch.randn(3, 24, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, a, b: layer(x), (x, layer.a, layer.b))


def test_dropout_falls_on_the_adapter_alone_and_only_in_training() -> None:
    layer, x = layer_and_input(dropout=0.5)
    torch.testing.assert_close(layer.eval()(x), plain_formula(layer, x))
    layer.train()
    torch.manual_seed(9)
    found = layer(x)
    torch.manual_seed(9)
    dropped = F.dropout(x, 0.5)
    expected = layer.base(x) + layer.scale * F.linear(F.linear(dropped, layer.a), layer.b)
    torch.testing.assert_close(found, expected)
    inputs = (x, layer.a, layer.b)
    gradients = torch.autograd.grad(found.sum(), inputs), torch.autograd.grad(expected.sum(), inputs)
    torch.testing.assert_close(*gradients)


def test_an_adapter_of_a_model_in_use_is_in_use() -> None:
    assert not any(layer.training for layer in lora.layers(adapted()).values())


def test_a_first_layer_needs_no_gradient_of_its_input() -> None:
    layer, x = layer_and_input()
    layer(x.detach()).sum().backward()
    assert layer.a.grad is not None
    assert layer.b.grad is not None


@pytest.mark.parametrize("stored", [torch.float32, torch.bfloat16])
def test_under_autocast_it_computes_in_bfloat16_and_learns_in_float32(stored: torch.dtype) -> None:
    layer, x = layer_and_input()
    layer.base.to(stored)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
        y.float().square().sum().backward()
    assert y.dtype == torch.bfloat16
    assert layer.a.grad is not None
    assert layer.a.grad.dtype == torch.float32
    torch.testing.assert_close(y.float(), plain_formula(layer.float(), x), rtol=0.05, atol=0.1)


# --- a model ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_adapter_learns(shape: str) -> None:
    model = adapted(shape).train()
    model(IDS).sum().backward()
    for name, parameter in model.named_parameters():
        learns = name.endswith((".a", ".b"))
        assert parameter.requires_grad is learns, name
        assert (parameter.grad is not None) is learns, name
    assert lora.trained(model).keys() == {n for n, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("shape", SHAPES)
def test_all_gradients_are_those_of_the_formula(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where matrices share their A, which then learns from all of them."""

    def gradients() -> dict[str, Tensor]:
        model = adapted(shape)
        model(IDS).square().mean().backward()
        return {name: parameter.grad for name, parameter in lora.trained(model).items() if parameter.grad is not None}

    found = gradients()
    monkeypatch.setattr(LoRALinear, "forward", plain_formula)
    expected = gradients()
    assert found.keys() == expected.keys()
    assert len(found) == {"gpt2": 20, "gpt_neox": 20, "starcoder2": 24, "phi3": 22}.get(shape, 2 * (7 + 7))
    for name, gradient in found.items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_merging_gives_a_plain_model_that_computes_the_same(shape: str) -> None:
    model = adapted(shape)
    before = model(IDS)
    lora.merge(model)
    assert model(IDS).sub(before).abs().max() < 1e-4
    assert lora.layers(model) == {}
    assert dict(model.named_parameters()).keys() == dict(random_gpt(shape).named_parameters()).keys()


def test_merging_keeps_the_number_format_of_the_base() -> None:
    model = adapted().bfloat16()
    lora.merge(model)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("shape", SHAPES)
def test_detached_it_is_the_model_it_was(shape: str) -> None:
    model, base = adapted(shape), random_gpt(shape)
    with_adapter = model(IDS)
    with lora.detached(model):
        assert torch.equal(model(IDS), base(IDS))
    assert torch.equal(model(IDS), with_adapter)
    assert not torch.equal(with_adapter, base(IDS))


def test_within_detached_a_layer_that_was_off_stays_off() -> None:
    model = adapted()
    first, *_ = lora.layers(model).values()
    first.active = False
    with lora.detached(model):
        pass
    assert not first.active


def test_what_is_trained_can_be_kept_and_taken_over() -> None:
    model, other = adapted("gpt2"), random_gpt("gpt2")
    kept = {name: parameter.detach().clone() for name, parameter in lora.trained(model).items()}
    assert sum(tensor.numel() for tensor in kept.values()) < sum(p.numel() for p in other.parameters()) / 4
    lora.attach(other, LoRAConfig(rank=4, alpha=6))
    lora.load_trained(other, kept)
    assert torch.equal(other(IDS), model(IDS))


@pytest.mark.parametrize("config", [LoRAConfig(rank=5), LoRAConfig(rank=4, targets=("query",))])
def test_what_another_adapter_learnt_is_refused(config: LoRAConfig) -> None:
    other = random_gpt("qwen3")
    lora.attach(other, config)
    kept = {name: parameter.detach().clone() for name, parameter in lora.trained(adapted()).items()}
    before = other(IDS)
    with pytest.raises(EngineError) as error:
        lora.load_trained(other, kept)
    assert error.value.code == "adapter_other"
    assert "blocks." in str(error.value)
    assert torch.equal(other(IDS), before)


@pytest.mark.parametrize("shape", ["gpt2", "llama", "qwen3"])
def test_a_few_steps_lower_the_loss(shape: str) -> None:
    model = random_gpt(shape)
    lora.attach(model, LoRAConfig(rank=4), seed=0)
    optimizer = torch.optim.AdamW(lora.trained(model).values(), lr=3e-3)
    losses = []
    for _ in range(15):
        loss = F.cross_entropy(model(IDS)[:, :-1].flatten(0, 1), IDS[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
