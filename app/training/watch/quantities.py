"""The quantities of a run that have curves, in the order of their tabs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from app.widgets.curves import Line, Quantity
from engine import hardware


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
            lambda value: hardware.size_text(round(value)),
        ),
    )


def figure(value: float) -> str:
    """Four digits that count."""
    return f"{value:.4g}"


def share(value: float) -> str:
    return f"{100 * value:.1f} %"


def whole(value: float) -> str:
    return str(QLocale().toString(round(value)))
