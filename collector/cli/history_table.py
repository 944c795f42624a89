"""What taking an old sheet in comes to, as tables and JSON. Pure: values in, cells out."""

from collections import Counter
from collections.abc import Iterable, Sequence

from collector.app.import_history import News, Taken, months_with
from collector.cli.words import Words
from collector.domain.meters import TOTAL

PLACE_NUMBERS = (3, 4)
MONTH_NUMBERS = (1, 2)
CHANGE_NUMBERS = (2, 3, 4)


def place_headings(words: Words) -> list[str]:
    """Return the headings of `place_rows`."""
    return [
        words(key)
        for key in ("place", "history_first", "history_last", "history_count", "pages", "state")
    ]


def place_rows(taken: Sequence[Taken], words: Words) -> list[tuple[str, ...]]:
    """Return one row a place: from when to when, how many months and impressions, what is new."""
    rows: list[tuple[str, ...]] = []
    for place in sorted({one.month.place for one in taken}):
        own = [one for one in taken if one.month.place == place]
        months = sorted(one.month.month for one in own)
        pages = sum(one.month.pages[TOTAL] for one in own)
        cells = (place, months[0], months[-1], f"{len(own)}", f"{pages:,}")
        rows.append((*cells, news_text(own, words)))
    return rows


def news_text(taken: Iterable[Taken], words: Words) -> str:
    """Return how many months are new, changed and as before, the zeros left out."""
    counted = Counter(one.news for one in taken)
    parts = [f"{words(f'history_{news.value}')} {counted[news]}" for news in News if counted[news]]
    return ", ".join(parts)


def month_headings(words: Words) -> list[str]:
    """Return the headings of `month_rows`."""
    return [words(key) for key in ("month", "history_copiers", "pages", "state")]


def month_rows(taken: Sequence[Taken], words: Words) -> list[tuple[str, ...]]:
    """Return one row a month: as the foot of the sheet has it."""
    return [
        (
            month,
            f"{places}",
            f"{pages:,}",
            news_text([one for one in taken if one.month.month == month], words),
        )
        for month, (places, pages) in months_with(taken).items()
    ]


def change_headings(words: Words) -> list[str]:
    """Return the headings of `change_rows`."""
    mine = ("history_before", "history_now", "change", "meter", "history_source")
    return [words(key) for key in ("place", "month", *mine)]


def change_rows(taken: Iterable[Taken]) -> list[tuple[str, ...]]:
    """Return one row for each meter of each month that says something else than before."""
    rows: list[tuple[str, ...]] = []
    for one in taken:
        if one.before is None or one.news is not News.CHANGED:
            continue
        was, now = one.before.pages, one.month.pages
        changed = [meter for meter in sorted({*was, *now}) if was.get(meter) != now.get(meter)]
        for meter in changed or [TOTAL]:
            before, after = was.get(meter), now.get(meter)
            difference = "-" if before is None or after is None else f"{after - before:+,}"
            cells = (one.month.place, one.month.month, _count(before), _count(after), difference)
            rows.append((*cells, meter if changed else "", one.month.source))
    return rows


def _count(pages: int | None) -> str:
    return "-" if pages is None else f"{pages:,}"


def to_dict(one: Taken) -> dict[str, object]:
    """Return one month as plain values for JSON."""
    month, was = one.month, one.before
    before: dict[str, object] | None = None
    if was is not None:
        before = {"entry": was.id, "pages": dict(was.pages)}
    return {
        "place": month.place,
        "month": month.month,
        "state": one.news.value,
        "pages": {**month.pages},
        "opening": dict(month.opening),
        "closing": dict(month.closing),
        "source": month.source,
        "before": before,
    }
