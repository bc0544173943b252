"""The tables of formats, from which operators make their menus while Blender starts."""

import inspect
import subprocess
import sys

import pytest
from manifest import ROOT

from core.annotations.formats import PickFormat
from core.export.formats import CameraFormat, GeometryFormat

TABLES = (GeometryFormat, CameraFormat, PickFormat)


@pytest.mark.parametrize("member", [member for table in TABLES for member in table], ids=str)
def test_every_format_has_a_writer_and_what_users_read(member):
    assert inspect.isfunction(member.value.load_writer())
    assert member.value.title
    assert member.value.description
    assert member.value.suffix[0] in "._"


def test_listing_the_formats_does_not_load_numpy():
    code = "import core.annotations.formats, core.export.formats, sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "numpy" not in result.stdout.split()
