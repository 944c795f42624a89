"""Writes the dashboards: two definitions, two languages, four files.

Run from the project's folder:

    python -m grafana.build                              the files as they are shipped
    python -m grafana.build --check                      exit 1 where a file differs
    python -m grafana.build --fleet config/fleet.toml --zone Asia/Tokyo --out DIR

With a fleet file the legends show the names of departments and places in place of their ids.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from grafana.departments import build_departments
from grafana.fleet import build_fleet
from grafana.frame import Build, Names
from grafana.panels import Json
from grafana.texts import LANGUAGES, Language

HERE: Final = Path(__file__).resolve().parent
MAKERS: Final = {"departments": build_departments, "fleet": build_fleet}


def names_of(fleet: Mapping[str, object], language: Language) -> Names:
    """Return the names in a parsed fleet file; English where given, else Japanese."""

    def by_id(key: str) -> dict[str, str]:
        listed = fleet.get(key)
        found = {}
        for one in listed if isinstance(listed, list) else []:
            name = (one.get("name_en") if language == "en" else None) or one.get("name")
            if name:
                found[str(one["id"])] = str(name)
        return found

    return Names(by_id("department"), by_id("place"))


def files(zone: str = "Asia/Tokyo", fleet: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return path below the output folder -> content, for every dashboard."""
    return {
        f"{language}/{which}.json": _written(
            make(Build(language, zone, names_of(fleet or {}, language)))
        )
        for which, make in MAKERS.items()
        for language in LANGUAGES
    }


def _written(dashboard: Json) -> str:
    return json.dumps(dashboard, ensure_ascii=False, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the files; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grafana.build", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--fleet", type=Path, help="fleet.toml, for names in legends")
    parser.add_argument("--zone", default="Asia/Tokyo", help="the office's time zone")
    parser.add_argument("--out", type=Path, default=HERE / "dashboards", help="output folder")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)
    fleet = tomllib.loads(options.fleet.read_text(encoding="utf-8")) if options.fleet else None
    stale = 0
    for name, content in files(options.zone, fleet).items():
        path = options.out / name
        if path.is_file() and path.read_bytes() == content.encode():
            continue
        stale += 1
        print(("stale: " if options.check else "wrote: ") + str(path))
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
