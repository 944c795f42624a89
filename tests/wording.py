"""What a sentence of the domain says in English, as the tests read it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collector.domain.counting.findings import Finding
from collector.domain.sentence import Unacceptable
from collector.ports import RowWords
from collector.texts import Texts

english = Texts("en").say
japanese = Texts("ja").say
ROW_WORDS = RowWords(japanese, english, english)


def worded(finding: Finding) -> Finding:
    """Return `finding`; raises KeyError where its facts do not make a sentence in each language."""
    assert english(finding.message), finding
    assert japanese(finding.message), finding
    return finding


@contextmanager
def unacceptable(part: str) -> Iterator[None]:
    """Expect that something is refused by a sentence with `part` in it."""
    with pytest.raises(Unacceptable) as caught:
        yield
    assert part in english(caught.value.why)
