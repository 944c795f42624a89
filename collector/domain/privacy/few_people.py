"""Whose hours are not shown: what few people do at which hour tells who was there."""

from typing import Final

FEWEST_PEOPLE: Final = 5
"""By the hour a copier's use is shown where so many people share it, or nobody stated how many."""


def are_few(people: int | None) -> bool:
    """Say whether so many `people` are too few to be shown by the hour."""
    return people is not None and people < FEWEST_PEOPLE
