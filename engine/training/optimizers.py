"""AdamW and Muon behind one object whose state is a flat table of named tensors, as checkpoints keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

_BETA1 = 0.9


class Optimizer:
    """The optimizers of the parameters that learn, each parameter in exactly one.

    adamw: AdamW for all (Loshchilov and Hutter 2019, arXiv:1711.05101), weight decay on matrices only.
    muon: Muon for the matrices inside the blocks (Jordan et al. 2024, kellerjordan.github.io/posts/muon), AdamW for
    the rest, at `adamw_rate` times the rate. Muon's steps are scaled to the size of AdamW's (arXiv:2502.16982); rows of
    the embedding, which have gradients only where their tokens stand, bear larger ones.
    """

    def __init__(
        self,
        name: str,
        model: nn.Module,
        learning_rate: float,
        weight_decay: float,
        beta2: float,
        adamw_rate: float = 1.0,
        muon: Callable[..., torch.optim.Optimizer] = torch.optim.Muon,
    ) -> None:
        """adamw_rate: of AdamW beside Muon, as a multiple of `learning_rate`; what AdamW decays grows with its rate.
        muon: the class of this optimizer.
        """
        self._names: dict[Tensor, str] = {p: key for key, p in model.named_parameters() if p.requires_grad}
        self._learning_rate = learning_rate
        hidden = [p for p, key in self._names.items() if name == "muon" and p.ndim == 2 and key.startswith("blocks.")]
        chosen = set(hidden)
        others = [p for p in self._names if p not in chosen]
        groups = [
            {"params": [p for p in others if p.ndim >= 2], "weight_decay": weight_decay},
            {"params": [p for p in others if p.ndim < 2], "weight_decay": 0.0},
        ]
        adamw = torch.optim.AdamW(groups, lr=learning_rate, betas=(_BETA1, beta2), fused=True)
        self._parts: dict[torch.optim.Optimizer, float] = {adamw: adamw_rate if hidden else 1.0}
        if hidden:
            more = {"lr": learning_rate, "weight_decay": weight_decay, "adjust_lr_fn": "match_rms_adamw"}
            self._parts[muon(hidden, **more)] = 1.0

    @property
    def parameters(self) -> Iterable[Tensor]:
        return self._names.keys()

    def step(self, share: float) -> float:
        """Move along the gradients with `share` of the learning rate; returns the rate used."""
        rate = self._learning_rate * share
        for part, times in self._parts.items():
            for group in part.param_groups:
                group["lr"] = rate * times
            part.step()
        return rate

    def forget(self) -> None:
        """As if there had been no step."""
        for part in self._parts:
            part.state.clear()

    def zero_gradients(self) -> None:
        for parameter in self._names:
            parameter.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """Everything the next step depends on besides parameters and gradients: `<parameter>.<name>` -> tensor."""
        return {
            f"{self._names[parameter]}.{name}": value
            for part in self._parts
            for parameter, state in part.state.items()
            for name, value in state.items()
        }

    def load_tensors(self, tensors: dict[str, Tensor], share: Callable[[Tensor, Tensor], Tensor]) -> None:
        """Take over what `tensors` gave; the bits stay as they were. share: `Group.part`."""
        for part in self._parts:
            for parameter in (p for group in part.param_groups for p in group["params"]):
                prefix = f"{self._names[parameter]}."
                part.state[parameter] = {
                    key.removeprefix(prefix): share(value, parameter)
                    for key, value in tensors.items()
                    if key.startswith(prefix)
                }
