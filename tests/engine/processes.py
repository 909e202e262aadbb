"""Child processes of tests."""

import signal


def hear_ctrl_c():
    """For `preexec_fn`: a child started from a background job would ignore Ctrl-C, as its parents do."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
