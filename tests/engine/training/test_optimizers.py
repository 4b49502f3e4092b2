"""Which parameter moves how, and that nothing an optimizer remembers is lost on the way through a checkpoint."""

from __future__ import annotations

import pytest
import torch

from engine.gpt.config import default_config
from engine.gpt.model import GPT
from engine.training.distributed import Group
from engine.training.optimizers import Optimizer


def model() -> GPT:
    torch.set_num_threads(1)
    return GPT(default_config("gpt2", 50, 16, 1, 32, 2), seed=1)


def move(trained: GPT, optimizer: Optimizer, steps: int) -> None:
    for step in range(steps):
        torch.manual_seed(step)
        optimizer.zero_gradients()
        for parameter in trained.parameters():
            parameter.grad = torch.randn_like(parameter)
        optimizer.step(0.5)


def decayed(name: str) -> set[str]:
    """The parameters that shrink under zero gradients."""
    trained = model()
    for parameter in trained.parameters():
        torch.nn.init.ones_(parameter)
        parameter.grad = torch.zeros_like(parameter)
    Optimizer(name, trained, 0.1, 0.5, 0.95).step(1.0)
    return {key for key, parameter in trained.named_parameters() if parameter.min().item() < 1}


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_only_matrices_decay(name: str) -> None:
    assert decayed(name) == {key for key, parameter in model().named_parameters() if parameter.ndim == 2}


def test_muon_takes_the_matrices_of_the_blocks_and_nothing_else() -> None:
    trained = model()
    optimizer = Optimizer("muon", trained, 0.01, 0.1, 0.95)
    move(trained, optimizer, 1)
    with_momentum = {key.rpartition(".")[0] for key in optimizer.tensors() if key.endswith(".momentum_buffer")}
    with_moments = {key.rpartition(".")[0] for key in optimizer.tensors() if key.endswith(".exp_avg")}
    blocks = {key for key, p in trained.named_parameters() if p.ndim == 2 and key.startswith("blocks.")}
    assert with_momentum == blocks
    assert with_moments == {key for key, _ in trained.named_parameters()} - blocks


def test_a_muon_step_is_orthogonal() -> None:
    """All singular values of the update are about equal, whatever those of the gradient."""
    trained = model()
    matrix = trained.blocks[0].attention.query.weight
    before = matrix.detach().clone()
    matrix.grad = torch.diag(torch.logspace(0, -2, 32))
    Optimizer("muon", trained, 1.0, 0.0, 0.95).step(1.0)
    values = torch.linalg.svdvals((matrix.detach() - before).float())
    assert values.max() / values.min() < 2.5


def test_the_share_scales_the_rate() -> None:
    assert Optimizer("muon", model(), 0.02, 0.1, 0.95).step(0.25) == pytest.approx(0.005)


def test_what_muon_leaves_to_adamw_moves_by_a_multiple_of_the_rate() -> None:
    def moved(name: str, adamw_rate: float) -> dict[str, float]:
        trained = model()
        before = {key: parameter.detach().clone() for key, parameter in trained.named_parameters()}
        move(trained, Optimizer(name, trained, 0.01, 0.0, 0.95, adamw_rate), 1)
        return {key: (parameter - before[key]).abs().mean().item() for key, parameter in trained.named_parameters()}

    once, thrice = moved("muon", 1.0), moved("muon", 3.0)
    inner = {key for key, parameter in model().named_parameters() if parameter.ndim == 2 and key.startswith("blocks.")}
    for key, size in once.items():
        assert thrice[key] == pytest.approx(size * (1 if key in inner else 3), rel=1e-3), key
    assert moved("adamw", 3.0) == moved("adamw", 1.0)


@pytest.mark.parametrize("name", ["adamw", "muon"])
def test_state_survives_bit_for_bit(name: str) -> None:
    whole = model()
    move(whole, Optimizer(name, whole, 0.01, 0.1, 0.95), 5)

    first, second = model(), model()
    optimizer = Optimizer(name, first, 0.01, 0.1, 0.95)
    move(first, optimizer, 3)
    second.load_state_dict(first.state_dict())
    resumed = Optimizer(name, second, 0.01, 0.1, 0.95)
    resumed.load_tensors({key: tensor.clone() for key, tensor in optimizer.tensors().items()}, Group().part)
    for step in (3, 4):
        torch.manual_seed(step)
        for parameter in second.parameters():
            parameter.grad = torch.randn_like(parameter)
        resumed.step(0.5)
    for (key, wanted), found in zip(whole.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(wanted, found), key
