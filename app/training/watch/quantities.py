"""The quantities of a run that have curves, in the order of their tabs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.figures import decimal, number, significant, size_text
from app.widgets.curves import Line, Quantity


def quantities() -> tuple[Quantity, ...]:
    """Names of lines are keys of `metrics.jsonl`; what a method does not measure has no tab."""
    translate = QCoreApplication.translate
    training, held_out = translate("training", "training"), translate("training", "held out")
    return (
        Quantity(
            "loss",
            translate("training", "Loss"),
            (Line("loss", training, noisy=True), Line("val_loss", held_out)),
            figure,
            logarithmic=True,
        ),
        Quantity(
            "perplexity",
            translate("training", "Perplexity"),
            (Line("perplexity", held_out),),
            figure,
            logarithmic=True,
        ),
        Quantity(
            "accuracy",
            translate("training", "Accuracy"),
            (
                Line("accuracy", translate("training", "right")),
                Line("balanced_accuracy", translate("training", "right, all labels alike")),
                Line("macro_f1", translate("training", "F1, all labels alike")),
            ),
            share,
        ),
        Quantity(
            "reward_margin",
            translate("training", "Reward margin"),
            (Line("reward_margin", training, noisy=True), Line("val_reward_margin", held_out)),
            figure,
        ),
        Quantity(
            "reward_accuracy",
            translate("training", "Reward accuracy"),
            (Line("reward_accuracy", training, noisy=True), Line("val_reward_accuracy", held_out)),
            share,
        ),
        Quantity(
            "lr",
            translate("training", "Learning rate"),
            (Line("lr", translate("training", "learning rate")),),
            figure,
            logarithmic=True,
        ),
        Quantity(
            "grad_norm",
            translate("training", "Gradient norm"),
            (Line("grad_norm", translate("training", "gradient norm"), noisy=True),),
            figure,
            logarithmic=True,
        ),
        Quantity(
            "speed",
            translate("training", "Speed"),
            (Line("tokens_per_second", translate("training", "tokens/s"), noisy=True),),
            whole,
        ),
        Quantity(
            "memory",
            translate("training", "Memory"),
            (Line("memory", translate("training", "memory"), noisy=False),),
            lambda value: size_text(round(value)),
        ),
    )


def figure(value: float) -> str:
    """Four digits that count."""
    return significant(value, 4)


def share(value: float) -> str:
    return f"{decimal(100 * value, 1)} %"


def whole(value: float) -> str:
    return number(value)
