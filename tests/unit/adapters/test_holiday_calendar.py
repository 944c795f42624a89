"""Public holidays are the library's own, though only one country of it is imported."""

import subprocess
import sys

import holidays

from collector.adapters.holiday_calendar import public_holidays
from tests.stories.program import ROOT
from tests.surroundings import environment


def test_every_country_has_the_days_that_the_library_says() -> None:
    known = holidays.list_supported_countries(include_aliases=False)
    assert len(known) > 100

    for country, parts in known.items():
        for part in (None, *parts[:2]):
            expected = holidays.country_holidays(country, subdiv=part, years=[2025, 2026])
            assert public_holidays(country, part, 2025, 2026) == frozenset(expected), country


def test_no_other_country_is_imported_and_the_library_is_whole_afterwards() -> None:
    code = (
        "import sys\n"
        "from collector.adapters.holiday_calendar import public_holidays\n"
        "days = public_holidays('JP', None, 2026, 2026)\n"
        "loaded = {one for one in sys.modules if one.startswith('holidays.countries')}\n"
        "assert loaded == {'holidays.countries.japan'}, loaded\n"
        "import holidays\n"
        "from holidays.countries import Japan, Germany\n"
        "assert days == frozenset(Japan(years=2026)) == frozenset(holidays.JP(years=2026))\n"
        "theirs = frozenset(Germany(subdiv='BY', years=2026))\n"
        "assert public_holidays('DE', 'BY', 2026, 2026) == theirs\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
