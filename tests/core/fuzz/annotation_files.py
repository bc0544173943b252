"""Files of annotations and picks in every format that is read."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path

from core.annotations.formats import PickFormat
from core.annotations.picks import with_usable_cameras
from core.annotations.reading import read_annotations, read_picks
from core.errors import DepthError
from tests.core.fuzz.mutation import Sample

FOLDER = Path(__file__).resolve().parents[2] / "samples"
TABLES = (
    "name,x,y\nleft eye,812.5,344.0\nb,1.25,0.5\n",
    '"left ""eye""; 左",812.5,344\r\n"two\nlines",1.25,5e-1',
    "sep=;\nlabel;x;y\nleft eye;812,5;344\nb;1,25;0,5\n",
    "Name\tX\tY\timage\twidth\theight\nleft eye\t812,5\t344\ta.png\t1920\t1080\n",
)
CODES = ("utf-8", "utf-8-sig", "utf-16")


def samples() -> list[Sample]:
    found = [Sample("a.txt", path.read_bytes()) for path in sorted(FOLDER.glob("*.[jx]*"))]
    found += [Sample("a.txt", text.encode(code)) for text in TABLES for code in CODES]
    picks = read_picks(FOLDER / "picks.json")
    assert picks is not None
    records = [dataclasses.replace(picks.records[0], color=(0.1, 0.2, 0.3)), *picks.records]
    for form in PickFormat:
        if form is not PickFormat.PLY:
            found.append(Sample("a.txt", form.value.load_writer()(records)))
    return found


def read(path: Path) -> None:
    """Read a file as annotations, and as picks."""
    with contextlib.suppress(DepthError):
        picks = read_picks(path)
        if picks is not None:
            for record in with_usable_cameras(picks.records).records:
                assert all(map(math.isfinite, (record.x, record.y, record.depth, *record.world)))
    for image in read_annotations(path):
        assert image.size is None or min(image.size) > 0
        for each in image.annotations:
            assert math.isfinite(each.x)
            assert math.isfinite(each.y)
