"""Line protocol: what is written is what a reader of the grammar understands."""

from hypothesis import given

from collector.adapters.influx.line_protocol import clean_tag, clean_text, render
from collector.domain.rows import Row
from tests.fakes.line_parser import parse
from tests.fakes.rows import any_row, texts


@given(any_row())
def test_round_trip(row: Row) -> None:
    read = parse(render(row).decode())
    assert read.measurement == row.measurement
    assert read.tags == {k: clean_tag(v) for k, v in row.tags.items() if clean_tag(v)}
    wanted = {k: clean_text(v) if isinstance(v, str) else v for k, v in row.fields.items()}
    assert read.fields == wanted
    assert {k: type(v) for k, v in read.fields.items()} == {k: type(v) for k, v in wanted.items()}
    assert read.seconds == int(row.at.timestamp())


@given(any_row())
def test_the_same_row_is_always_the_same_bytes(row: Row) -> None:
    shuffled = Row(
        row.measurement,
        dict(reversed(row.tags.items())),
        dict(reversed(row.fields.items())),
        row.at,
    )
    assert render(shuffled) == render(row)


@given(texts)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean_tag(clean_tag(text)) == clean_tag(text)
    assert clean_text(clean_text(text)) == clean_text(text)
