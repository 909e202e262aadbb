"""``python -m shuibao.cli`` is the command `shuibao`."""

from .app import main

main()
