"""Sums that stand only where another counter is, or is not."""

from pathlib import Path

import pytest

from collector.adapters.snmp.reading.reread import reread
from collector.errors import ConfigError
from tests.unit.snmp.machines import P, answer, named
from tests.unit.snmp.own import own

ACME = named("ACME 1", "99999.1")
TREE = P + "99999."


def _wrong(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        own(folder, text)
    return "\n".join(f"{one.path}: {one.message}" for one in caught.value.problems)


GIVEN = """
[scalars]
all = { oid = "1.3.6.1.4.1.99999.2.0" }
black = { oid = "1.3.6.1.4.1.99999.3.0" }
full = { oid = "1.3.6.1.4.1.99999.4.0" }
single = { oid = "1.3.6.1.4.1.99999.5.0" }
[meters]
copy = "all"
copy_mono = "black"
copy_color = ["full + single", "all - black if full", "all unless black + full"]
[derived]
other = "copy - copy_mono if copy_color"
"""


@pytest.mark.parametrize(
    ("said", "color"),
    [
        ({2: 100, 3: 60, 4: 30, 5: 10}, 40),
        ({2: 100, 3: 60, 4: 30}, 40),
        ({2: 100, 3: 60}, None),
        ({2: 100}, 100),
        ({2: 100, 4: 30}, None),
    ],
)
async def test_a_sum_only_where_another_counter_is_or_is_not(
    tmp_path: Path, said: dict[int, int], color: int | None
) -> None:
    found = await answer(
        ACME, {f"{TREE}{at}.0": value for at, value in said.items()}, profiles=own(tmp_path, GIVEN)
    )
    assert found.meters.get("copy_color") == color
    assert found.meters.get("other") == (40 if 3 in said and color is not None else None)


async def test_a_counter_that_a_sum_only_looks_for_is_recorded(tmp_path: Path) -> None:
    profiles = own(tmp_path, GIVEN)
    found = await answer(
        ACME, {TREE + "2.0": 9, TREE + "3.0": 4, TREE + "4.0": 1}, profiles=profiles
    )
    assert found.meters["copy_color"] == 5
    assert found.raw["full"] == 1
    assert reread(found, profiles.by_id["acme"]) == (found, frozenset())
    later = GIVEN.replace("if full", "if full + single").replace('["full + single", ', "[")
    again, unknown = reread(found, own(tmp_path, later).by_id["acme"])
    assert (again.meters.get("copy_color"), unknown) == (None, frozenset())


def test_what_a_sum_looks_for_must_be_there_in_the_profile(tmp_path: Path) -> None:
    text = _wrong(tmp_path, GIVEN.replace("if full", "if ful"))
    assert "meters.copy_color[1]: 'all - black if ful': nothing is called 'ful'" in text
    text = _wrong(tmp_path, GIVEN.replace("if copy_color", "if colour"))
    assert "derived.other: 'colour' is no meter" in text


EQUAL = """
[scalars]
all = { oid = "1.3.6.1.4.1.99999.2.0" }
small = { oid = "1.3.6.1.4.1.99999.3.0", size = "small" }
black = { oid = "1.3.6.1.4.1.99999.4.0", size = "small", color = "mono" }
[meters]
total = "all"
total_mono = "black if all = small"
[derived]
total_color = "total - total_mono"
"""


@pytest.mark.parametrize(
    ("said", "mono"),
    [
        ({2: 100, 3: 100, 4: 60}, 60),
        ({2: 101, 3: 100, 4: 60}, None),
        ({2: 100, 4: 60}, None),
        ({2: 0, 3: 0, 4: 0}, 0),
    ],
    ids=str,
)
async def test_a_sum_only_as_long_as_two_counters_are_equal(
    tmp_path: Path, said: dict[int, int], mono: int | None
) -> None:
    profiles = own(tmp_path, EQUAL)
    found = await answer(
        ACME, {f"{TREE}{at}.0": value for at, value in said.items()}, profiles=profiles
    )
    color = said[2] - mono if mono is not None else None
    assert (found.meters.get("total_mono"), found.meters.get("total_color")) == (mono, color)
    again, unknown = reread(found, profiles.by_id["acme"])
    assert again.meters == found.meters
    assert not unknown or mono is None


def test_what_is_compared_must_be_there_and_meters_are_not(tmp_path: Path) -> None:
    text = _wrong(tmp_path, EQUAL.replace("all = small", "all = smal"))
    assert "'black if all = smal': nothing is called 'smal'" in text
    text = _wrong(tmp_path, EQUAL.replace('total_mono"', 'total_mono if total = copy"'))
    assert "derived.total_color: compares meters; only sums of counters can be compared" in text


def test_a_sum_of_black_pages_must_hold_no_others(tmp_path: Path) -> None:
    text = _wrong(tmp_path, EQUAL.replace(" if all = small", ""))
    assert "counts a small mono page 1 times and a large mono page 0 times" in text
