"""Models on this machine: names, kinds, states."""
