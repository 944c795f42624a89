"""Commands as another user of this machine types them, one after the other in one process.

As root, the tests become a user that nobody has; as anybody else they take the rights to a folder
away from themselves, which comes to the same.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.patience import PATIENCE_S
from tests.stories import in_process
from tests.stories.program import ROOT, Ended
from tests.surroundings import environment

SERVICE: Final = 61_001
"""As whom the service runs: owner and group of its folder."""

_PERSON: Final = 61_002
_IS_ROOT: Final = os.geteuid() == 0


def typed(
    lines: Sequence[Sequence[str | Path]],
    folder: Path = ROOT,
    *,
    is_member: bool = False,
    env: Mapping[str, str] | None = None,
) -> list[Ended]:
    """Return what each command of `lines` left, typed in `folder`; a member is in the group.

    Skips the test where the tree lies in a folder that only root may enter, as in /root.
    """
    if _IS_ROOT and (shut_to_all := [one for one in ROOT.parents if not _lets_in(one)]):
        pytest.skip(f"another user cannot reach the program: {shut_to_all[-1]} is root's alone")
    asked = [[str(one) for one in line] for line in lines]
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(folder), json.dumps(env or {})],
        cwd=ROOT,
        input=json.dumps(asked),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        check=False,
        user=_PERSON if _IS_ROOT else None,
        group=(SERVICE if is_member else _PERSON) if _IS_ROOT else None,
        extra_groups=[] if _IS_ROOT else None,
    )
    assert done.returncode == 0, done.stderr
    return [Ended(*one) for one in json.loads(done.stdout)]


def _lets_in(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that other users reach too, unlike pytest's own; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="copier-fleet-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        _open_again(folder)
        shutil.rmtree(folder)


def _open_again(folder: Path) -> None:
    folder.chmod(0o755)
    for one in folder.iterdir():
        if one.is_dir():
            _open_again(one)


def is_root() -> bool:
    """Say whether the tests can become somebody else."""
    return _IS_ROOT


def shut(folder: Path, *, is_roots: bool = False) -> None:
    """Let nobody into `folder` but the service, which owns it, and its group; or but root."""
    for one in (folder, *folder.rglob("*")) if _IS_ROOT and not is_roots else ():
        os.chown(one, SERVICE, SERVICE)
        one.chmod(0o750 if one.is_dir() else 0o640)
    if is_roots or not _IS_ROOT:
        folder.chmod(0o700 if _IS_ROOT else 0)


def write_protect(folder: Path) -> None:
    """Let nobody write into `folder`."""
    folder.chmod(0o555)


def main() -> None:
    """Run the commands that stdin holds and print what each left."""
    folder, environ = Path(sys.argv[1]), environment(json.loads(sys.argv[2]))
    left = [in_process.run(line, environ, folder) for line in json.load(sys.stdin)]
    texts = [(code, *(one.decode("utf-8", "replace") for one in rest)) for code, *rest in left]
    sys.stdout.write(json.dumps(texts))


if __name__ == "__main__":
    main()
