"""What labels say, and whether it goes with a meter."""

import pytest

from collector.calibration.labels import Fitness, fitness, meaning
from collector.domain.meters import meter

FITS, OPEN, AGAINST = Fitness.FITS, Fitness.OPEN, Fitness.AGAINST


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("total", ["Counter: Machine Total"], FITS),
        ("total", ["Total 1"], FITS),
        ("total", ["合計"], FITS),
        ("total", ["service count"], OPEN),
        ("total", [""], OPEN),
        ("total", ["Scan (Total 1)"], AGAINST),
        ("total", ["コピー"], AGAINST),
        ("total", ["Black & White Total Count"], AGAINST),
        ("total", ["Black & White Total Count", "Full Color Total Count"], FITS),
        ("total", ["copy", "print", "fax"], OPEN),
        ("total", ["Large Paper Prints: >= A3, DLT"], AGAINST),
        ("total", ["Duplex"], AGAINST),
        ("total", ["Sheets"], AGAINST),
        ("total", ["Jams total"], AGAINST),
        ("total", ["Total toner coverage"], AGAINST),
        ("total_mono", ["Total (Black 1)"], FITS),
        ("total_mono", ["Monochrome"], FITS),
        ("total_mono", ["Mono Color"], AGAINST),
        ("total_mono", ["total", "-total color"], FITS),
        ("total_mono", ["copy", "print"], OPEN),
        ("total_color", ["Full Color"], FITS),
        ("total_color", ["Full Color", "Mono Color"], FITS),
        ("total_color", ["Mono Color"], OPEN),
        ("total_color", ["Total Prints: Color"], FITS),
        ("print", ["Print (Total 1)"], FITS),
        ("print", ["Counter: Machine Total"], OPEN),
        ("print", ["Copies"], AGAINST),
        ("copy", ["Black & White Copy Count"], AGAINST),
        ("copy", ["Black & White Copy Count", "Full Color Copy Count"], FITS),
        ("copy_mono", ["白黒コピー"], FITS),
        ("copy_mono", ["B/W Copies"], FITS),
        ("copy_color", ["白黒コピー"], AGAINST),
        ("total_large", ["Large Impressions"], FITS),
        ("total_small", ["Large Impressions"], AGAINST),
        ("total_small", ["total", "-total large"], FITS),
        ("scan", ["Scan to E-mail/FTP"], FITS),
        ("scan", ["Prints"], AGAINST),
        ("other", ["Black & White Other Count"], AGAINST),
        ("duplex", ["2-sided"], FITS),
        ("duplex", ["Copies"], AGAINST),
        ("sheets", ["用紙枚数"], FITS),
        ("engine_total", ["life"], FITS),
        ("engine_total", ["service count"], OPEN),
    ],
)
def test_labels_go_with_meters(name: str, labels: list[str], expected: Fitness) -> None:
    parts = [
        (-1, meaning(label[1:])) if label.startswith("-") else (1, meaning(label))
        for label in labels
    ]
    assert fitness(meter(name), parts) is expected
