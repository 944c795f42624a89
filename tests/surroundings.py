"""What a process finds around it in the tests: made from nothing, so that no machine shows.

Neither the configuration nor the state, home, language, time zone or proxies of the machine on
which the tests run reach them; their own lie in a folder that is gone at the end.
"""

import functools
import os
import signal
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

TEST_PROFILE: Final = "COPIER_FLEET_TEST_PROFILE"
"""Steers how many examples a law is tried on."""

_CI: Final = "CI"
_FOLDERS: Final = {
    "CONFIGURATION_DIRECTORY": "configuration",
    "STATE_DIRECTORY": "state",
    "HOME": "home",
    "TMPDIR": "tmp",
}
_SBIN: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing speaks to a process but `changes`."""
    return {
        "PATH": os.pathsep.join((os.environ.get("PATH", os.defpath), *_SBIN)),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "LOGNAME": "tester",
        **{name: str(folder) for name, folder in own_folders().items()},
        **(changes or {}),
    }


def own_folders() -> dict[str, Path]:
    """Return the tests' own folders, by the variable that names each."""
    return {name: Path(_own().name, folder) for name, folder in _FOLDERS.items()}


def enter() -> None:
    """Put this process itself into such surroundings; only what steers the tests stays."""
    steering = {
        name: text
        for name, text in os.environ.items()
        if name in {TEST_PROFILE, _CI} or name.startswith("PYTEST_")
    }
    own = environment(steering)
    del own["LOGNAME"]  # pytest's folder is named after the real one, who alone may write there
    os.environ.clear()
    os.environ.update(own)
    time.tzset()
    # A shell lets what it starts with `&` ignore Ctrl-C, and so would every program started here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def is_in_ci() -> bool:
    """Say whether a missing tool is a failure, as it is where changes are judged."""
    return os.environ.get(_CI) == "true"


@functools.cache
def _own() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="copier-fleet-", ignore_cleanup_errors=True)
    for folder in _FOLDERS.values():
        Path(made.name, folder).mkdir()
    return made
