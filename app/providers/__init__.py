"""Servers and APIs with models of their own: which are connected, as whom they are asked, and where words go."""
