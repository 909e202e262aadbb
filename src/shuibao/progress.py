"""Progress of long work: a callback that may also cancel.

A function that takes long has an argument `progress`. It calls ``progress(done, message)`` with `done` from 0 to 1.
To cancel, the callback raises `errors.Cancelled`; the function lets it pass.
"""

from collections.abc import Callable

Progress = Callable[[float, str], None]


def silent(done: float, message: str) -> None:
    """Report nothing."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """A progress for one part of the work, which fills the whole from `start` to `end`."""

    def _report(done: float, message: str) -> None:
        progress(start + (end - start) * done, message)

    return _report
