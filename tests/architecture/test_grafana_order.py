"""In which order the shipped dashboards show rows that are alike."""

import re

from hypothesis import given
from hypothesis import strategies as st

from collector.dashboards.frame import LANGUAGES
from tests.grafana.emulation import transform
from tests.grafana.shipped import dashboards


@given(st.permutations(range(8)))
def test_rows_alike_stand_in_one_order_whatever_the_server_gives(order: list[int]) -> None:
    """`bottom()` gives what is alike in another order on other versions."""
    rows = [
        {"Time": 0, "place": place, "place_id": place, "kind": kind, "color": color}
        | {"level": 50.0, "state": "level"}
        for place in ("1f", "2f")
        for kind, color in (("drum", None), ("toner", "black"), ("toner", "cyan"), ("waste", None))
    ]
    cut = [
        panel
        for page in dashboards().values()
        for panel in page["panels"]
        if any(re.search(r"\b(bottom|top)\(", one["query"]) for one in panel.get("targets", ()))
    ]
    assert len(cut) == len(LANGUAGES)
    for panel in cut:
        labels, *rest = panel["transformations"]
        assert labels["id"] == "configFromData"
        shown = transform([[rows[index] for index in order]], rest)
        assert shown == transform([rows], rest), panel["title"]
        assert len(shown) == len(rows)
