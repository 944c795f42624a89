"""Which addresses are meant, and what is said of those that cannot be."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.settings.address_ranges import MOST, read_ranges, size_problem
from tests.wording import english


def addresses(*words: str) -> list[str]:
    ranges, problems = read_ranges(words)
    assert problems == []
    found = list(ranges)
    assert len(found) == ranges.count == len(set(found))
    return found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["192.0.2.0/30"], ["192.0.2.1", "192.0.2.2"]),
        (["192.0.2.6/30"], ["192.0.2.5", "192.0.2.6"]),
        (["192.0.2.0/255.255.255.252"], ["192.0.2.1", "192.0.2.2"]),
        (["192.0.2.4/31"], ["192.0.2.4", "192.0.2.5"]),
        (["192.0.2.4/32"], ["192.0.2.4"]),
        (["192.0.2.9-192.0.2.11"], ["192.0.2.9", "192.0.2.10", "192.0.2.11"]),
        (["192.0.2.9-11"], ["192.0.2.9", "192.0.2.10", "192.0.2.11"]),
        (["192.0.2.255-192.0.3.0"], ["192.0.2.255", "192.0.3.0"]),
        (["192.0.2.2, 192.0.2.1 host.example"], ["host.example", "192.0.2.1", "192.0.2.2"]),
        (["192.0.2.1", "192.0.2.1-3", "192.0.2.2"], ["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
        (["copier-2f", "copier-2f"], ["copier-2f"]),
        (["2001:db8::/126"], ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        (["2001:DB8:0::5"], ["2001:db8::5"]),
        (["fe80::1%eth0"], ["fe80::1%eth0"]),
        (["192.0.2.0"], ["192.0.2.0"]),
    ],
)
def test_what_is_meant(words: list[str], expected: list[str]) -> None:
    assert addresses(*words) == expected


def test_a_network_leaves_out_its_own_address_and_its_broadcast() -> None:
    assert addresses("10.1.2.0/24") == [f"10.1.2.{n}" for n in range(1, 255)]
    assert addresses("10.1.2.0-10.1.2.255") == addresses("10.1.2.0/24")
    assert "10.1.2.255" in addresses("10.1.2.0/23")


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("10.1.2.0/33", "is no network"),
        ("10.1.2/24", "is no network"),
        ("hall/24", "is no network"),
        ("224.0.0.0/4", "is no network of machines"),
        ("10.1.2.9-10.1.2.3", "write 10.1.2.3-10.1.2.9"),
        ("10.1.2.9-3", "ends before it begins"),
        ("10.1.2.9-2001:db8::1", "is no range"),
        ("10.1.2.9-300", "is no range"),
        ("10.1.2.300", "is no IPv4 address"),
        ("10.01.2.3", "leading zeros"),
        ("255.255.255.255", "no address of one machine"),
        ("239.1.1.1", "no address of one machine"),
        ("[2001:db8::1]", "without brackets"),
        ("a..b", "neither an IP address nor a host name"),
    ],
)
def test_what_is_wrong_is_told_with_its_word(word: str, part: str) -> None:
    _, told = read_ranges([word, "10.1.2.3"])
    problems = [english(one) for one in told]
    assert len(problems) == 1
    assert problems[0].startswith(f"{word}: ")
    assert part in problems[0]
    assert problems[0].count(word) == 1


def test_all_problems_are_told_together() -> None:
    _, problems = read_ranges(["10.1.2.0/40", "10.1.2.3", "x_.._", "1.2.3"])
    assert len(problems) == 3


def test_many_addresses_need_a_word_and_too_many_are_refused() -> None:
    def problem(word: str, *, agreed: bool = False) -> str | None:
        found = size_problem(read_ranges([word])[0], agreed=agreed)
        return None if found is None else english(found)

    assert problem("10.1.0.0/16") is None
    assert "--yes" in (problem("10.0.0.0/15") or "")
    assert problem("10.0.0.0/15", agreed=True) is None
    assert problem("10.0.0.0/12", agreed=True) is None
    assert f"at most {MOST:,}" in (problem("10.0.0.0/8", agreed=True) or "")
    assert "one by one" in (problem("2001:db8::/64", agreed=True) or "")


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), max_size=8))
def test_overlapping_ranges_name_each_address_once(pairs: list[tuple[int, int]]) -> None:
    base = int(ipaddress.ip_address("10.0.0.7"))
    words, expected = [], set()
    for start, length in pairs:
        first, last = base + 3 * start, base + 3 * start + length
        if first % 256 == 0 and last % 256 == 255:
            continue
        words.append(f"{ipaddress.ip_address(first)}-{ipaddress.ip_address(last)}")
        expected |= {str(ipaddress.ip_address(one)) for one in range(first, last + 1)}
    assert set(addresses(*words)) == expected
