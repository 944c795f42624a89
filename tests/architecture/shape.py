"""The shape of the house: how many rooms, how large, who lives alone. `make shape` prints it."""

import ast
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.source_trees import tree_of

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST_FUNCTION: Final = 40
LONGEST_MODULE: Final = 600
RUN: Final = 6
"""Lines of code in a row that count as written twice where they stand twice."""

LAYERS: Final = (
    ("domain",),
    ("errors",),
    ("ports",),
    ("app",),
    ("texts",),
    ("encoding",),
    ("user_files",),
    ("adapters", "runtime", "settings", "dashboards"),
    ("calibration",),
    ("bootstrap",),
    ("demo",),
    ("cli",),
    ("__main__",),
)


@dataclass(frozen=True, slots=True)
class Module:
    """One file of `collector/`: its dotted name, its text, its tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return self.text.count("\n")

    @property
    def is_package(self) -> bool:
        """Whether it only stands for its folder."""
        return self.path.name == "__init__.py"


def modules(root: Path = ROOT) -> dict[str, Module]:
    """Return every module below `collector/` of the tree at `root`, by name."""
    found = {}
    for path in sorted(root.glob("collector/**/*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        found[name] = Module(name, path, text, tree_of(path))
    return found


def imported_by(all_modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Return who imports each module."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in all_modules.values():
        for name in _imports(module, all_modules):
            found[name].add(module.name)
    return found


def _imports(module: Module, all_modules: Mapping[str, Module]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in all_modules)
        elif isinstance(node, ast.ImportFrom) and node.module in all_modules:
            for one in node.names:
                inner = f"{node.module}.{one.name}"
                yield inner if inner in all_modules else node.module


def long_functions(all_modules: Mapping[str, Module]) -> list[str]:
    """Return every function longer than `LONGEST_FUNCTION` lines."""
    return [
        f"{module.name}.{node.name}: {node.end_lineno - node.lineno + 1}"
        for module in all_modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]


def classes_defined_twice(all_modules: Mapping[str, Module]) -> dict[str, list[str]]:
    """Return the names of classes that stand in more than one module."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in all_modules.values():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module.name)
    return {name: where for name, where in found.items() if len(where) > 1}


def upward(all_modules: Mapping[str, Module]) -> list[str]:
    """Return every import of a layer further out than the importer's own."""
    height = {name: level for level, names in enumerate(LAYERS) for name in names}
    found = []
    for module in all_modules.values():
        parts = module.name.split(".")
        for name in _imports(module, all_modules):
            other = name.split(".")
            if len(parts) > 1 < len(other) and height[parts[1]] < height[other[1]]:
                found.append(f"{module.name} -> {name}")
    return found


def runs_written_twice(all_modules: Mapping[str, Module]) -> int:
    """Return how many places repeat `RUN` lines of code that stand elsewhere as well."""
    seen: Counter[tuple[str, ...]] = Counter()
    for module in all_modules.values():
        code = list(_code(module))
        seen.update(tuple(code[start : start + RUN]) for start in range(len(code) - RUN + 1))
    return sum(times - 1 for times in seen.values() if times > 1)


def _code(module: Module) -> Iterator[str]:
    """Yield the lines of statements, without imports, docstrings, comments and bare brackets."""
    silent: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_text(node):
            silent |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    for number, line in enumerate(module.text.splitlines(), 1):
        bare = line.strip()
        if number not in silent and len(bare) > 2 and not bare.startswith("#"):
            yield bare


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def figures(root: Path = ROOT) -> dict[str, int | float]:
    """Return the figures of the tree at `root`, each under the words it is printed with."""
    found = modules(root)
    sizes = [one.lines for one in found.values() if not one.is_package]
    importers = imported_by(found)
    alone = [
        name for name, one in found.items() if not one.is_package and len(importers[name]) == 1
    ]
    return {
        "modules": len(found),
        "of these packages' own files": sum(one.is_package for one in found.values()),
        "lines": sum(one.lines for one in found.values()),
        "median module, lines": statistics.median(sizes),
        "largest module, lines": max(sizes),
        f"functions over {LONGEST_FUNCTION} lines": len(long_functions(found)),
        "modules with one importer": len(alone),
        "names of classes defined twice": len(classes_defined_twice(found)),
        "imports that run upward": len(upward(found)),
        f"runs of {RUN} lines written twice": runs_written_twice(found),
    }


if __name__ == "__main__":
    import sys

    from collector.cli.output import result

    tree = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    for words, figure in figures(tree).items():
        result(f"{words:32} {figure:>8,}")
