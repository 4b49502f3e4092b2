"""Recipe, loop, objectives, optimizers and checkpoints."""
