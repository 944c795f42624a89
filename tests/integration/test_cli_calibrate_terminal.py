"""`copier-fleet calibrate` with a person at the terminal and at the copier's panel."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories.acme import Acme, shows
from tests.stories.network import Network, network
from tests.stories.network_office import office as office_of
from tests.stories.program import command
from tests.stories.terminal import Conversation, conversation, widest

pytestmark = pytest.mark.integration

HALL = "127.0.84.10"
OWN = '[fleet]\nprofiles = "profiles"\n'


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


@pytest.fixture
def config(net: Network, tmp_path: Path) -> Path:
    path = office_of(tmp_path / "etc", {"hall": HALL}, OWN, port=net.port)
    (tmp_path / "etc" / "profiles").mkdir()
    return path


def profiles(config: Path) -> list[Path]:
    return sorted((config.parent / "profiles").iterdir())


def asked(config: Path) -> tuple[str | Path, ...]:
    return ("calibrate", "hall", "--config", config, "--by", "Sato", "--rate", "500")


def types_panel(person: Conversation, *lines: str, told: str = "An empty line ends.") -> None:
    person.sees(told)
    for line in lines:
        person.sees(">")
        person.types(line)
    person.sees(">")
    person.types("")


def test_a_second_round_after_real_pages_settles_everything(net: Network, config: Path) -> None:
    net.put(HALL, Acme().objects())
    with conversation(*asked(config)) as person:
        person.sees("ACME A-100, firmware 1.0: read by profile generic")
        types_panel(
            person,
            "合計 8,717",
            "コピ 3",
            "コピー　白黒 1200",
            "fax 78",
            "fax 77",
            "total:9000枚",
            "合計=8717",
        )
        assert "did you mean コピー?" in person.text
        assert "fax is 77, as corrected" in person.sees("one of 2") + person.text
        person.sees("print a few pages and compare once more? [Y/n]")
        person.types("")
        person.sees("now print: 3 black copies, a received fax that is printed")
        person.sees("press Enter when it is done")
        shows(net, HALL, Acme().after(Printed(copy_mono=3, fax=1)))
        person.types("")
        person.sees("total [8,717]:")
        person.types("8721")
        person.sees("copy_mono [1,200]:")
        person.types("1,2O3")
        person.sees("'1,2O3' is no figure")
        person.sees("copy_mono [1,200]:")
        person.types("1203")
        person.sees("fax [77]:")
        person.types("78")
        person.sees("fax: of 9 counters and their sums 1 fits")
        person.sees("proved-acme-a-100.toml? [Y/n]")
        assert profiles(config) == []
        person.types("y")
        person.sees("loaded back and read right")
        assert person.ends() == 0
    found = command("poll", "hall", "--json", "--config", config).json
    assert found["profile"] == "proved-acme-a-100"
    assert found["meters"] == {"total": 8721, "copy_mono": 1203, "fax": 78}


def test_who_prints_meanwhile_is_asked_to_read_the_panel_again(net: Network, config: Path) -> None:
    net.put(HALL, Acme().objects())
    with conversation(*asked(config)) as person:
        person.sees("An empty line ends.")
        person.types("total 8717")
        person.sees("total is 8,717")
        shows(net, HALL, Acme().after(Printed(print_mono=6)))
        person.types("")
        person.sees("close is at_99999_7_3_0 with 8,723, 6 more")
        person.sees("read the panel again, while nobody prints? [Y/n]")
        person.types("")
        person.sees("total [8,717]:")
        person.types("8723")
        person.sees("the figure of an earlier round fits nothing and is passed over")
        person.sees("compare once more? [Y/n]")
        person.types("n")
        person.sees("write")
        person.types("")
        assert person.ends() == 1
    (path,) = profiles(config)
    assert 'total = {of = "at_99999_7_3_0", confidence = "M"}' in path.read_text("utf-8")


def test_a_figure_that_was_mistyped_too_high_can_be_put_right(net: Network, config: Path) -> None:
    net.put(HALL, Acme().objects())
    with conversation(*asked(config)) as person:
        types_panel(person, "total 87170")
        person.sees("none of 9 counters and no sum of them comes to 87,170")
        person.sees("compare once more? [Y/n]")
        person.types("y")
        person.sees("press Enter")
        person.types("")
        person.sees("total [87,170]:")
        person.types("8717")
        person.sees("was 87,170 mistyped? [y/N]")
        person.types("y")
        person.sees("at_99999_7_3_0 is taken")
        person.sees("? [Y/n]")
        person.types("y")
        assert person.ends() == 0
    assert len(profiles(config)) == 1


def test_figures_that_contradict_one_another_are_asked_about(net: Network, config: Path) -> None:
    net.put(HALL, Acme().objects())
    with conversation(*asked(config)) as person:
        types_panel(person, "total 8717", "mono 6877", "color 1841")
        person.sees("mono and color of total come to 8,718, but total is 8,717")
        person.sees("is that what the panel says? [y/N]")
        person.types("n")
        person.sees(">")
        person.types("color 1840")
        person.sees("as corrected")
        person.types("")
        person.sees("? [Y/n]")
        person.types("")
        assert person.ends() == 0


@pytest.mark.parametrize("moment", ["figures", "waiting", "writing"])
def test_ctrl_c_leaves_nothing_half_written(net: Network, config: Path, moment: str) -> None:
    net.put(HALL, Acme().objects())
    with conversation(*asked(config)) as person:
        if moment == "figures":
            person.sees("An empty line ends.")
            person.types("total 8717")
            person.sees("total is 8,717")
        elif moment == "waiting":
            types_panel(person, "copy_mono 1200")
            person.sees("[Y/n]")
            person.types("y")
            person.sees("press Enter")
        else:
            types_panel(person, "total 8717")
            person.sees("proved-acme-a-100.toml? [Y/n]")
        person.interrupts("stopped; no profile was written")
        assert person.ends() == 130
    assert profiles(config) == []
    assert [one.name for one in config.parent.glob("*.tmp")] == []


def test_overwriting_and_proving_are_asked_about(net: Network, config: Path) -> None:
    net.put(HALL, SimulatedMachine("kyocera", "TASKalfa 9", "RVP0Y11833", Printed(copy_mono=1500)))
    with conversation(*asked(config)) as person:
        types_panel(person, "total 1500")
        person.sees("everything is read so by now, with profile kyocera")
        person.sees("write it down as proved? [y/N]")
        person.types("")
        assert person.ends() == 0
    assert profiles(config) == []
    for answer, question in (("y", "write "), ("n", "overwrite ")):
        with conversation(*asked(config)) as person:
            types_panel(person, "total 1500")
            person.sees("write it down as proved? [y/N]")
            person.types("y")
            person.sees(question)
            person.types(answer)
            assert person.ends() == 0
    (path,) = profiles(config)
    assert path.name == "proved-kyocera-taskalfa-9.toml"


def test_the_table_fits_a_narrow_terminal_in_japanese(net: Network, config: Path) -> None:
    net.put(HALL, Acme().objects())
    text = config.read_text("utf-8").replace('language = "en"', 'language = "ja"')
    config.write_text(text, "utf-8")
    with conversation(*asked(config), columns=80) as person:
        figures = ("合計 8717", "copy 1540", "print 7100", "mono 6877", "fax 77")
        types_panel(person, *figures, told="空行で終わります。")
        person.sees("何面か印刷して")
        person.types("n")
        person.sees("[Y/n]")
        person.types("n")
        assert person.ends() == 1
        lines = person.text.split("\n")
    assert widest(lines) <= 80
    assert any("パネル" in line and "判定" in line for line in lines)
