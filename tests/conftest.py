"""For all tests: no deadlines, since the machine may be shared; the same examples each time on CI."""

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
