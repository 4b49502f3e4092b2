"""The engine: everything Seedling computes, without Qt."""
