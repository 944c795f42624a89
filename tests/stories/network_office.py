"""Configuration files of an office whose copiers stand in a loopback network."""

from pathlib import Path


def office(folder: Path, places: dict[str, str], more: str = "", port: int = 161) -> Path:
    """Leave a configuration with `places` (id -> address); return it."""
    folder.mkdir()
    config = folder / "collector.toml"
    config.write_text(
        '[office]\nsite = "story"\ncountry = ""\nlanguage = "en"\n'
        '[ledger]\npath = "ledger.sqlite3"\n'
        "[polling]\ninterval_s = 10\njitter_s = 0\ntimeout_s = 1.0\nbackoff_max_s = 10\n" + more,
        encoding="utf-8",
    )
    fleet = "".join(
        f'[[place]]\nid = "{name}"\nname = "{name}"\naddress = "{address}"\nport = {port}\n'
        for name, address in (places or {"nowhere": "127.0.99.1"}).items()
    )
    (folder / "fleet.toml").write_text(fleet, encoding="utf-8")
    return config
