"""Configuration files of a story's office, as a person would write them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_BASE = """\
[office]
site = "story"
country = ""

[ledger]
path = "ledger.sqlite3"

[polling]
interval_s = 10
jitter_s = 0
timeout_s = 1.0
retries = 1
heartbeat_s = 60
backoff_max_s = 10
stop_grace_s = 5
drain_s = 5
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: where its machine answers, with which keys, whose pages they are."""

    place: str
    port: int
    credential: str = "default"
    department: str = "soumu"


def write_office(folder: Path, spots: Iterable[Spot], more: str = "", language: str = "ja") -> Path:
    """Leave `collector.toml` (with the sections in `more`) and `fleet.toml`; return the first."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "collector.toml"
    stated = _BASE.replace("[office]", f'[office]\nlanguage = "{language}"')
    base = _BASE if language == "ja" else stated
    config.write_text(base + more, encoding="utf-8")
    write_fleet(folder, spots)
    return config


def write_fleet(folder: Path, spots: Iterable[Spot]) -> None:
    """Leave `fleet.toml` with these places; both departments have a target."""
    text = """\
[[department]]
id = "soumu"
name = "総務課"
name_en = "General Affairs"

[[department]]
id = "zeimu"
name = "税務課"

[targets.soumu]
default = 5000

[targets.zeimu]
default = 900
"""
    for spot in spots:
        text += f"""
[[place]]
id = "{spot.place}"
name = "2階 {spot.place}"
address = "127.0.0.1"
port = {spot.port}
credential = "{spot.credential}"

[[place.department]]
id = "{spot.department}"
from = 2020-01-01
"""
    (folder / "fleet.toml").write_text(text, encoding="utf-8")


def credentials(by_name: Mapping[str, Mapping[str, str]]) -> str:
    """Return the sections of these credentials."""
    return "".join(
        f"\n[credentials.{name}]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items())
        for name, keys in by_name.items()
    )
