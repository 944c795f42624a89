"""Modules of the project as the parser sees them."""

import ast
import functools
from pathlib import Path


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """Return the module at `path`, parsed once for all tests of a process: only to be read."""
    return ast.parse(path.read_text(encoding="utf-8"))
