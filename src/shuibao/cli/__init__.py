"""The command `shuibao`."""

from .app import main

__all__ = ["main"]
