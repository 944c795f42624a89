"""Which addresses a person names: networks, ranges, single addresses, host names."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.values import address_problem, tidy

USUAL_MOST: Final = 65_536
"""Addresses that are asked without a further word: an IPv4 /16."""

MOST: Final = 2**20
"""Addresses that are asked at all: an IPv4 /12, hours at the usual pace."""

_V4, _V6 = 4, 6
_IPV4_BITS: Final = 32
_IPV6_BITS: Final = 128
_WHOLE: Final = 255
_WITHOUT_ADDRESS: Final = {
    "address_empty": "range_empty",
    "address_of_many": "range_of_many",
    "address_brackets": "range_brackets",
    "address_zeros": "range_zeros",
    "address_ipv4": "range_ipv4",
    "address_unknown": "range_unknown",
}
"""What is wrong with an address, said where its word stands before the sentence."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True, order=True)
class AddressSpan:
    """Addresses of one version from `first` to `last`, both inclusive, as numbers."""

    version: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.last - self.first + 1

    def __iter__(self) -> Iterator[str]:
        """Yield each address in its usual spelling."""
        kind = ipaddress.IPv4Address if self.version == _V4 else ipaddress.IPv6Address
        for number in range(self.first, self.last + 1):
            yield str(kind(number))


@dataclass(frozen=True, slots=True)
class AddressRanges:
    """What is to be asked: host names as they were written, and spans that do not overlap."""

    hosts: tuple[str, ...] = ()
    spans: tuple[AddressSpan, ...] = ()

    @property
    def count(self) -> int:
        """How many addresses and hosts there are."""
        return len(self.hosts) + sum(span.count for span in self.spans)

    def __iter__(self) -> Iterator[str]:
        """Yield hosts and then addresses, each once."""
        yield from self.hosts
        for span in self.spans:
            yield from span


def read_ranges(words: Iterable[str]) -> tuple[AddressRanges, list[Sentence]]:
    """Return what `words` name together, and every problem as a sentence.

    A word is a network (`10.1.2.0/24`, without its own and its broadcast address), a range
    (`10.1.4.10-10.1.4.50`, `10.1.4.10-50`), an address, a host name, or several with commas.
    """
    spans: list[AddressSpan] = []
    hosts: dict[str, None] = {}
    problems: list[Sentence] = []
    for word in _split(words):
        found = _network(word) if "/" in word else _range(word) or _single(word)
        if isinstance(found, Sentence):
            problems.append(said("range", word=word, problem=found))
        elif found is None:
            hosts[word] = None
        else:
            spans.append(found)
    return AddressRanges(tuple(hosts), tuple(_merged(spans))), problems


def size_problem(ranges: AddressRanges, *, agreed: bool) -> Sentence | None:
    """Say why so many addresses are not asked, or None. `agreed`: a person said yes to many."""
    count = ranges.count
    if count > MOST:
        return said("ranges_most", count=count, most=MOST)
    if count > USUAL_MOST and not agreed:
        return said("ranges_many", count=count)
    return None


def _split(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from filter(None, re.split(r"[,\s]+", tidy(word)))


def _network(word: str) -> AddressSpan | Sentence:
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return said("range_network")
    if network.is_multicast or network.network_address.is_unspecified:
        return said("range_no_machines")
    first, last = int(network[0]), int(network[-1])
    if network.version == _V4 and network.prefixlen < _IPV4_BITS - 1:
        first, last = first + 1, last - 1
    elif network.version == _V6 and network.prefixlen < _IPV6_BITS - 1:
        first += 1  # the routers' own anycast address (RFC 4291 section 2.6.1)
    return AddressSpan(network.version, first, last)


def _range(word: str) -> AddressSpan | Sentence | None:
    """Return the span that `word` names, what is wrong with it, or None for another thing."""
    begin, dash, end = word.partition("-")
    first = _address(begin)
    if not dash or first is None:
        return None
    if first.version == _V4 and re.fullmatch(r"[0-9]{1,3}", end):
        end = f"{begin.rpartition('.')[0]}.{end}"
    last = _address(end)
    if last is None or last.version != first.version:
        return said("range_span")
    if int(last) < int(first):
        return said("range_backwards", last=str(last), first=str(first))
    span = AddressSpan(first.version, int(first), int(last))
    if first.version == _V4 and span.first % 256 == 0 and span.last % 256 == _WHOLE:
        return AddressSpan(_V4, span.first + 1, span.last - 1)
    return span


def _single(word: str) -> AddressSpan | Sentence | None:
    if problem := address_problem(word):
        return said(_WITHOUT_ADDRESS[problem.key], **problem.facts)
    address = _address(word)
    if address is None or "%" in word:
        return None
    return AddressSpan(address.version, int(address), int(address))


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _merged(spans: Sequence[AddressSpan]) -> Iterator[AddressSpan]:
    open_span: AddressSpan | None = None
    for span in sorted(spans):
        if open_span is None:
            open_span = span
        elif span.version == open_span.version and span.first <= open_span.last + 1:
            open_span = AddressSpan(span.version, open_span.first, max(open_span.last, span.last))
        else:
            yield open_span
            open_span = span
    if open_span is not None:
        yield open_span
