"""Rows for tests: plain ones, and by Hypothesis any that the table of measurements allows."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from collector.domain.rows import SCHEMA, FieldType, Row, Value

NOON = datetime(2024, 11, 15, 3, 0, tzinfo=UTC)
_NOVEMBER = datetime(2024, 11, 1, tzinfo=UTC)

NASTY = (
    "2F 総務課",
    "a,b",
    "a=b",
    'say "yes"',
    "back\\slash",
    "ends in backslash\\",
    "\\",
    "\\\\",
    "a\\,b",
    "a\\ b",
    "a\\=b",
    'a\\"b',
    "line\nend",
    "line\r\nend\r\n",
    "tab\there",
    "nul\0nul",
    " spaces at both ends ",
    "#comment",
    ",",
    "=",
    "'; DROP DATABASE x",
    "🖨️ ｶﾅ",
    "",
    " ",
)


def copier_row(
    place: str, total: int, at: datetime = NOON, *, site: str = "hall", department: str = "soumu"
) -> Row:
    """Return a reading of `place`."""
    tags = {"site": site, "place": place, "department": department}
    return Row("copier", tags, {"total": total, "online": True, "model": "複合機"}, at)


def month_row(department: str, pages: int, month: str = "2024-11", *, site: str = "hall") -> Row:
    """Return a month of `department`, its time being the first of it in Japan."""
    year, number = map(int, month.split("-"))
    at = datetime(year, number, 1, tzinfo=UTC) - timedelta(hours=9)
    tags = {"site": site, "department": department, "month": month}
    fields: dict[str, Value] = {"pages": pages, "target": 1000, "ratio": pages / 1000}
    return Row("department_month", tags, fields | {"name": "総務課", "final": False}, at)


def event_row(message: str, *, place: str = "p1", code: str = "reset", at: datetime = NOON) -> Row:
    """Return a finding."""
    fields: dict[str, Value] = {"severity": "warning", "message": message}
    return Row("copier_event", {"site": "hall", "place": place, "code": code}, fields, at)


texts = st.one_of(
    st.text(max_size=20), st.text(',= "\\\n\r\tａb', max_size=8), st.sampled_from(NASTY)
)
_values = {
    FieldType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FieldType.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.BOOLEAN: st.booleans(),
    FieldType.STRING: texts,
}


@st.composite
def any_row(draw: st.DrawFn, measurement: str | None = None) -> Row:
    """Draw a row of any measurement, all tags any text, some of its fields, one in November."""
    name = measurement or draw(st.sampled_from(sorted(SCHEMA)))
    shape = SCHEMA[name]
    chosen = draw(st.sets(st.sampled_from(sorted(shape.fields)), min_size=1, max_size=6))
    tags = {tag: draw(texts) for tag in shape.tags}
    fields = {field: draw(_values[shape.fields[field]]) for field in sorted(chosen)}
    moment = st.integers(0, 29 * 86_400 * 1000).map(lambda ms: timedelta(milliseconds=ms))
    return Row(name, tags, fields, _NOVEMBER + draw(moment))
