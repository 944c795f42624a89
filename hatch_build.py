"""Compiles the catalogues into the wheel, so that starting needs neither Babel nor a parser."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalogues(BuildHookInterface):
    """Lays a .mo beside where each .po stood."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every catalogue into a folder that lasts for the build."""
        del version
        self._folder = Path(tempfile.mkdtemp())
        root = Path(self.root)
        for source in sorted((root / "collector" / "texts" / "locale").rglob("*.po")):
            compiled = self._folder / f"{source.parents[1].name}.{source.stem}.mo"
            with source.open("rb") as written, compiled.open("wb") as into:
                write_mo(into, read_po(written, locale=source.parents[1].name, abort_invalid=True))
            place = source.with_suffix(".mo").relative_to(root).as_posix()
            build_data["force_include"][str(compiled)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled: the wheel has it."""
        del version, build_data, artifact_path
        shutil.rmtree(self._folder, ignore_errors=True)
