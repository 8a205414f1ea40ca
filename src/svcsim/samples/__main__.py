"""Regenerate the sample history: ``python -m svcsim.samples``."""

from svcsim.samples.history import write

if __name__ == "__main__":
    write()
