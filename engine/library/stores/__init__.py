"""Models that other programs have on this machine: where they lie, used in place and never modified."""
