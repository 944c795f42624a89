"""LibreOffice, which opens documents and prints them, and poppler, which looks into a PDF."""

import html
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.servers.process import binary
from tests.surroundings import environment

A4_PORTRAIT, A4_LANDSCAPE = (595, 842), (842, 595)


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF: the size of each page in points, and all of its text."""

    pages: tuple[tuple[int, int], ...]
    text: str


def paper_of(pdf: Path) -> Paper:
    """Return what poppler finds in `pdf`."""
    told = _run(binary("pdfinfo"), "-f", "1", "-l", "999", str(pdf))
    sizes = re.findall(r"^Page +\d+ size: +([\d.]+) x ([\d.]+) pts", told, re.MULTILINE)
    text = _run(binary("pdftotext"), "-layout", str(pdf), "-")
    return Paper(tuple((round(float(x)), round(float(y))) for x, y in sizes), text)


@dataclass(frozen=True, slots=True)
class Word:
    """A word on paper, and how high the box of its letters is, in points."""

    text: str
    height: float


def words_of(pdf: Path) -> list[list[Word]]:
    """Return the words on each page of `pdf`."""
    told = _run(binary("pdftotext"), "-bbox", str(pdf), "-")
    word = re.compile(r'<word .*yMin="([\d.]+)" .*yMax="([\d.]+)">(.*)</word>')
    return [
        [
            Word(html.unescape(text), float(foot) - float(top))
            for top, foot, text in word.findall(one)
        ]
        for one in told.split("<page ")[1:]
    ]


def converted(document: Path, form: str, folder: Path) -> list[Path]:
    """Have LibreOffice open `document` and save it as `form` (as its --convert-to has it)."""
    out = folder / "converted"
    before = set(out.glob("*"))
    profile = (folder / "libreoffice").as_uri()
    _run(
        binary("soffice"),
        f"-env:UserInstallation={profile}",
        *("--headless", "--norestore", "--convert-to", form, "--outdir", str(out), str(document)),
    )
    return sorted(set(out.glob("*")) - before)


def _run(*command: str) -> str:
    done = subprocess.run(
        command, env=environment(), check=False, capture_output=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode("utf-8", "replace")
