"""``python -m assistant`` is ``nulens``."""

from assistant.cli import main

main()
