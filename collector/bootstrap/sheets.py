"""Which reader a spreadsheet file needs."""

from pathlib import Path

from collector.adapters.sheets import is_workbook, read_csv, read_workbook
from collector.domain.old_sheets.cells import Sheet
from collector.errors import ConfigError, Problem
from collector.settings.csv_text import decode


def read_sheet(path: Path, name: str | None) -> Sheet:
    """Return the sheet called `name` (or the only one) of the file at `path`, CSV or Excel.

    What the file is, is seen by its content. Raises ConfigError with one sentence.
    """
    try:
        data = path.read_bytes()
    except OSError as exc:
        message = f"cannot be read ({exc.strerror}); check the path and its permissions"
        raise ConfigError([Problem(path.name, message)]) from exc
    if is_workbook(data):
        return read_workbook(data, path.name, name)
    if name is not None:
        message = "has no sheets to choose from; leave the sheet's name out, or name a workbook"
        raise ConfigError([Problem(path.name, message)])
    return read_csv(data, path.name, decode)
