"""The fault rig: whatever writes to the disk is killed, refused or cut off at its n-th call, for every n.

`disk.c` is preloaded into a program that forks for every life (`child.py`); `operations.py` is the table of what is
tried, `rig.py` what is done to it and what must hold, `power_cut.py` what a disk has after a power cut, and `guards.py`
what holds it all, each with how it is taken away: then the trial it is there for must fail.
"""
