"""What states, methods and stretches of time are called on the training page."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def state_name(state: str) -> str:
    """Of `runs.STATES`, or a reason for being done."""
    translate = QCoreApplication.translate
    return {
        "running": translate("training", "Training"),
        "done": translate("training", "Finished"),
        "early_stopping": translate("training", "Finished early: it stopped getting better"),
        "paused": translate("training", "Paused"),
        "stopped": translate("training", "Stopped"),
        "interrupted": translate("training", "Interrupted"),
        "failed": translate("training", "Failed"),
        "broken": translate("training", "Cannot be read"),
    }.get(state, "")


def method_name(method: str) -> str:
    translate = QCoreApplication.translate
    return {
        "pretrain": translate("training", "a model from nothing"),
        "continue": translate("training", "reading on"),
        "full": translate("training", "finetuning all weights"),
        "lora": translate("training", "finetuning an adapter"),
        "classify": translate("training", "learning labels"),
        "dpo": translate("training", "learning preferences"),
    }.get(method, "")


def score_name(key: str) -> str:
    """Of what is measured at an evaluation; empty for what is no score."""
    translate = QCoreApplication.translate
    return {
        "best_val_loss": translate("training", "best held-out loss"),
        "val_loss": translate("training", "held-out loss of the model"),
        "perplexity": translate("training", "perplexity"),
        "bits_per_byte": translate("training", "bits per byte"),
        "accuracy": translate("training", "right"),
        "balanced_accuracy": translate("training", "right, all labels alike"),
        "macro_f1": translate("training", "F1, all labels alike"),
        "val_reward_margin": translate("training", "reward margin, held out"),
        "val_reward_accuracy": translate("training", "reward accuracy, held out"),
        "steps": translate("training", "steps"),
        "seconds": translate("training", "seconds"),
    }.get(key, "")


def duration_text(seconds: float) -> str:
    """As `40 s`, `12 min`, `3 h 5 min` or `2 d 4 h`."""
    translate = QCoreApplication.translate
    whole = max(0, round(seconds))
    if whole < 60:
        return translate("training", "{count} s").format(count=whole)
    minutes = round(whole / 60)
    if minutes < 60:
        return translate("training", "{count} min").format(count=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return translate("training", "{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return translate("training", "{days} d {hours} h").format(days=days, hours=hours)
