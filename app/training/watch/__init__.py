"""Watching a run: its curves, samples, checkpoints, and what may be done with what it made."""
