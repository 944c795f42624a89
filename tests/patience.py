"""How long the tests wait before they call something hung. Nothing is measured with it.

What is waited for comes within seconds mostly, and on a busy machine ten times as slow, too.
"""

from typing import Final

PATIENCE_S: Final = 300.0
"""For one step: a server's start, a command, a line in a log."""

DEMO_PATIENCE_S: Final = 1500.0
"""For a run of the demo, which may be a minute or two of work."""
