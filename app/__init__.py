"""The window: Qt only, shows what the engine computes."""
