"""`python -m collector` and the command `copier-fleet`."""

import gc
from typing import Final

from collector.cli import main as program

_YOUNG: Final = (50_000, 20, 20)
"""How many new objects Python waits for before it looks for cycles among them, by generation.

With its own 700 it looks all the time through what stays anyway, modules and the days of a month:
a sixth of what `month` took.
"""


def main() -> None:
    """Run the command that was typed, and exit with its code."""
    gc.set_threshold(*_YOUNG)
    program.main()


if __name__ == "__main__":
    main()
