"""Laws of history among departments: whole pages, none lost, by who answered then."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.counting.entries import PastMonth
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.finished import history_months, shared_month, sheet_months
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import LAST_DAY, Office
from collector.domain.office.shares import PlaceId

COPY = Meter("copy")
SIGNED = Signature("sato", "old sheet", datetime(2026, 11, 25, tzinfo=UTC))
DEPARTMENTS = tuple(Department(DepartmentId(one), one) for one in "abc")
SHARES = ({"a": 100}, {"a": 60, "b": 40}, {"a": 34, "b": 33, "c": 33}, {"c": 100})

assignments = st.lists(
    st.tuples(st.dates(date(2024, 12, 1), date(2026, 2, 1)), st.sampled_from(SHARES)),
    max_size=4,
    unique_by=lambda pair: pair[0],
).map(
    lambda spans: tuple(
        Assignment(start, {DepartmentId(one): share for one, share in shares.items()})
        for start, shares in sorted(spans, key=lambda pair: pair[0])
    )
)
fleets = st.lists(assignments, min_size=2, max_size=2).map(
    lambda both: Fleet(
        DEPARTMENTS,
        tuple(
            Place(PlaceId(name), name, "", assignments=spans)
            for name, spans in zip("pq", both, strict=True)
        ),
    )
)
offices = st.builds(
    lambda closing, off: Office("t", ZoneInfo("Asia/Tokyo"), off, closing_day=closing),
    st.just(LAST_DAY) | st.integers(1, 31),
    st.frozensets(st.dates(date(2024, 11, 1), date(2026, 3, 1)), max_size=40),
)
months = st.integers(0, 11).map(lambda n: f"2025-{n + 1:02d}")
sheets = st.dictionaries(
    st.tuples(st.sampled_from(["p", "q", "gone"]), months),
    st.tuples(st.integers(0, 10**5), st.integers(0, 10**5)),
    max_size=20,
).map(
    lambda told: [
        PastMonth(PlaceId(place), month, {TOTAL: total, COPY: copies}, "x", SIGNED)
        for (place, month), (total, copies) in told.items()
    ]
)


@given(sheets, fleets, offices)
def test_departments_together_have_every_page(
    entries: list[PastMonth], fleet: Fleet, office: Office
) -> None:
    shared = history_months(entries, fleet, office)
    for meter in (TOTAL, COPY):
        for month in {one.period for one in entries}:
            told = sum(one.pages[meter] for one in entries if one.period == month)
            given_ = sum(pages.get(meter, 0) for (_, of), pages in shared.items() if of == month)
            assert given_ == told
    assert all(count >= 0 for pages in shared.values() for count in pages.values())


@given(sheets, fleets, offices)
def test_each_share_is_within_a_page_of_its_working_days(
    entries: list[PastMonth], fleet: Fleet, office: Office
) -> None:
    for entry in entries:
        place = fleet.place(entry.place)
        if place is None:
            assert set(shared_month(entry, fleet, office)) == {"unassigned"}
            continue
        days = office.period(entry.period).days
        worked = [day for day in days if office.works_on(day)] or days
        for department, pages in shared_month(entry, fleet, office).items():
            share = Fraction(
                sum(place.shares_on(day).get(department, 0) for day in worked), 100 * len(worked)
            )
            assert abs(pages[TOTAL] - share * entry.pages[TOTAL]) < 1


@given(sheets, fleets, offices, assignments)
def test_a_reorganisation_on_the_first_of_april_leaves_every_earlier_month_untouched(
    entries: list[PastMonth], fleet: Fleet, office: Office, later: tuple[Assignment, ...]
) -> None:
    april = date(2025, 4, 1)
    moved = Fleet(
        fleet.departments,
        tuple(
            Place(
                place.id,
                place.name,
                "",
                assignments=(
                    *(one for one in place.assignments if one.start < april),
                    Assignment(april, {DepartmentId("c"): 100}),
                    *(one for one in later if one.start > april),
                ),
            )
            for place in fleet.places
        ),
    )
    before, after = (history_months(entries, one, office) for one in (fleet, moved))
    for key in before.keys() | after.keys():
        if office.period(key[1]).end < april:
            assert before.get(key) == after.get(key)


@given(st.lists(st.tuples(months, st.integers(0, 99)), min_size=1, max_size=8))
def test_of_a_chain_of_corrections_the_last_one_holds(told: list[tuple[str, int]]) -> None:
    entries: list[PastMonth] = []
    last: dict[str, PastMonth] = {}
    for number, (month, pages) in enumerate(told):
        at = SIGNED.at.replace(minute=number)
        replaces = last[month].id if month in last else None
        one = PastMonth(
            PlaceId("p"), month, {TOTAL: pages}, "x", Signature("a", "b", at), replaces=replaces
        )
        entries.append(one)
        last[month] = one
    found = sheet_months(reversed(entries))
    assert {month: of["p"].pages[TOTAL] for month, of in found.items()} == dict(told)
