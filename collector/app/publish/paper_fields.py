"""What a month's row says of paper, people and parts: sheets, duplex share, heads, the tree."""

from collections.abc import Collection, Mapping
from typing import Final

from collector.domain.month.department_month import DepartmentMonth
from collector.domain.report.sentences import paper
from collector.domain.rows import Value
from collector.ports import RowWords

_PAPER: Final[Mapping[str, Value]] = {
    **dict.fromkeys(("sheets_used", "sheets_low", "sheets_high"), 0),
    **dict.fromkeys(("a4_sheets", "a4_low", "a4_high"), 0),
    "duplex_share": 0.0,
    **dict.fromkeys(("people", "rank", "rank_of"), 0),
    **dict.fromkeys(("pages_per_head", "sheets_per_head"), 0.0),
    "level": 0,
    "own_pages": 0,
    "parent": "",
}
"""Field -> what it is taken back as."""


def known_paper(month: DepartmentMonth) -> dict[str, Value]:
    """Return what is known of the paper: sheets are whole, a share is within 0 to 1."""
    paper, a4, duplex = month.sheets.paper, month.sheets.a4, month.sheets.duplex
    fields: dict[str, Value] = {}
    if paper is not None:
        fields |= {"sheets_used": paper.value, "sheets_low": paper.low, "sheets_high": paper.high}
    if a4 is not None:
        fields |= {"a4_sheets": a4.value, "a4_low": a4.low, "a4_high": a4.high}
    if duplex is not None:
        fields["duplex_share"] = float(duplex.share)
    return fields | _heads(month) | _in_tree(month)


def _in_tree(month: DepartmentMonth) -> dict[str, Value]:
    """Return where the department stands in the tree, where there is one.

    Its row is of all its parts as well; of all rows `own_pages` add up to the office's.
    """
    if month.level is None:
        return {}
    return {"level": month.level, "parent": month.parent or "", "own_pages": month.own}


def _heads(month: DepartmentMonth) -> dict[str, Value]:
    """Return what each of the department's people printed, where their number is stated."""
    fields: dict[str, Value] = {}
    if month.people is not None:
        fields["people"] = month.people
    if month.pages_a_head is not None:
        fields["pages_per_head"] = float(month.pages_a_head)
    if month.sheets_a_head is not None:
        fields["sheets_per_head"] = float(month.sheets_a_head)
    if month.rank is not None:
        fields |= {"rank": month.rank.place, "rank_of": month.rank.of}
    return fields


def paper_fields(
    month: DepartmentMonth, words: RowWords, published: Collection[str]
) -> dict[str, Value]:
    """Return the fields of paper, people, the tree and what is excluded.

    Of those `published` once, 0 where not known now.
    """
    sheets, known = month.sheets, known_paper(month)
    once = {name: kind for name, kind in _PAPER.items() if name in published}
    return {
        "excluded": month.excluded,
        "pages_without": month.without,
        "target_with_excluded": month.basis.with_excluded,
        "sheets_known": sheets.paper is not None,
        "a4_known": sheets.a4 is not None,
        "duplex_known": sheets.duplex is not None,
        "people_known": month.people is not None,
        "sheets_quality": "" if sheets.quality is None else sheets.quality.value,
        "sheets_basis": words.ja(paper(sheets)),
        "sheets_basis_en": words.en(paper(sheets)),
        **once,
        **known,
    }
