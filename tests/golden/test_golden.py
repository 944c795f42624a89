"""What the office of `office.py` publishes and seals stays what it is, to the octet.

Where it is meant to change, `python -m tests.golden FOLDER` writes the new texts: lay them beside
this file, and say in the commit what changed and why.
"""

from pathlib import Path

import pytest

from tests.golden.office import DIGESTS, MONTHS, statement_of

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def test_rows_and_statements_are_unchanged(golden_office: Path) -> None:
    for name in (*map(statement_of, MONTHS), DIGESTS):
        assert (golden_office / name).read_text() == (HERE / name).read_text(), name
