"""How the product is linted, built, tested, measured and shown; ``make test`` runs it all.

Every version is said once: Blender's and numpy's here, OpenEXR's in ``blender_manifest.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

sys.path.append(str(Path(__file__).parent / "scripts"))
from manifest import ROOT, read_manifest

nox.needs_version = ">=2025.10.14"
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.default_venv_backend = "virtualenv"

BLENDERS = {"4.2.23": "3.11", "4.5.15": "3.11", "5.0.1": "3.11", "5.2.3": "3.13"}
"""The ``bpy`` wheel of each supported Blender, and the Python it is for."""

NUMPYS = [("1.24.4", "3.11"), ("1.26.4", "3.11"), ("2.4.6", "3.11"), ("2.4.6", "3.13")]
"""The oldest to the newest numpy of Blender's builds, and the Python to test the core with."""

OPENEXR = f"OpenEXR=={read_manifest().wheels[0].version}"
PYTEST = "pytest>=8,<10"

BLENDER_STUBS = "fake-bpy-module-latest==20261026"
"""Types of Blender's API. Exactly one version: they are built daily, and what they lack changes."""

TYPED = ("core", "bridge", "operators", "properties", "overlays", "panels", "tools",
         "compat.py", "preferences.py", "registration.py")  # fmt: skip
"""What mypy checks; pyproject.toml says how strictly."""

# One Blender is enough to build, to measure and to show: the newest for the Python of nox.
OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
OWN_BPY = [f"bpy=={blender}" for blender, python in BLENDERS.items() if python == OWN_PYTHON][-1]
BUILD_PYTHON = str(ROOT / ".nox" / "build" / "bin" / "python")
"""Shared, because an environment with ``bpy`` takes long to make."""

RESULTS = ROOT / "build" / "results"
"""One JUnit file a session: scripts/summary.py adds them up."""


def run_pytest(session: nox.Session, python: str, *arguments: str) -> None:
    """Run pytest, and fail too where it stopped without a report (Blender may exit with 0)."""
    report = RESULTS / f"{session.name.replace('(', ' ').rstrip(')')}.xml"
    report.unlink(missing_ok=True)
    options = ("--quiet", f"--junitxml={report}", *arguments, *session.posargs)
    session.run(python, "-m", "pytest", *options, external=python == BUILD_PYTHON)
    if not report.is_file():
        session.error("pytest ended before it could report")


@nox.session
def build(session: nox.Session) -> None:
    """Build the zips into dist/."""
    session.install(OWN_BPY, PYTEST, "pyelftools>=0.31,<1", "wheel>=0.45,<1")
    session.run("python", "scripts/build.py")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    session.install("ruff>=0.14,<1", "mypy>=1.18,<3", "numpy>=2,<3", OPENEXR, BLENDER_STUBS)
    session.run("ruff", "check", "--quiet")
    session.run("ruff", "format", "--check", "--quiet")
    session.run("mypy", *TYPED)


@nox.session
@nox.parametrize(
    "python,numpy",
    [nox.param(python, numpy, id=f"numpy-{numpy}-python-{python}") for numpy, python in NUMPYS],
)
def core(session: nox.Session, numpy: str) -> None:
    """Test the core, and the documents, without Blender."""
    # An independent reader, which the tests compare with; it needs numpy 2.
    readers = ["OpenImageIO>=3,<4"] if numpy.startswith("2.") else []
    session.install(f"numpy=={numpy}", OPENEXR, PYTEST, *readers)
    run_pytest(session, "python", "tests/core", "tests/docs")


@nox.session
def fuzz(session: nox.Session) -> None:
    """Read damaged files, as many as one likes."""
    session.install("numpy>=2,<3", OPENEXR)
    session.run("python", "tests/core/fuzz/run.py", *session.posargs)


@nox.session
def formats(session: nox.Session) -> None:
    """Compare files of picks, geometry and cameras with what the field's own tools do."""
    # Of labelme, the tests use a module that is its own business and moves between versions.
    session.install(
        *("numpy>=2,<3", PYTEST, "pandas>=2,<4", "plyfile>=1.1,<2", "pycocotools>=2.0.8,<3"),
        *("datumaro>=1.12,<2", "labelme>=6.3,<6.4", "trimesh>=4,<6", "pycolmap>=3.11,<5"),
        *("open3d-cpu>=0.19,<1", "libusb-package>=1,<2", "opencv-python-headless>=4.8"),
        *("pymeshlab>=2023.12", "tifffile>=2024"),
    )
    run_pytest(session, "python", "tests/formats")


@nox.session(requires=["build"])
@nox.parametrize(
    "python,blender",
    [nox.param(python, blender, id=blender) for blender, python in BLENDERS.items()],
)
def blender(session: nox.Session, blender: str) -> None:
    """Test the installed zip inside one Blender."""
    session.install(f"bpy=={blender}", PYTEST, "plyfile>=1.1,<2", "trimesh>=4,<6")
    run_pytest(session, "python", "tests/blender")


@nox.session(requires=["build"])
def gui(session: nox.Session) -> None:
    """Test the installed zip in real Blender windows, two at a time."""
    session.install(PYTEST, "pytest-xdist>=3.6,<4")
    run_pytest(session, "python", "--numprocesses=2", "tests/gui")


@nox.session(requires=["build"])
def benchmark(session: nox.Session) -> None:
    """Measure what the product promises to cost, beside others."""
    readers = ("open3d-cpu>=0.19,<1", "libusb-package>=1,<2", "plyfile>=1.1,<2")
    session.install(OWN_BPY, *readers)
    session.run("python", "benchmarks/run.py")


@nox.session
def diagnose(session: nox.Session) -> None:
    """Print which verdict the check gives each planted fault."""
    session.install("numpy>=2,<3", OPENEXR)
    session.run("python", "tests/core/check/confusion.py", env={"PYTHONPATH": "."})


@nox.session(requires=["build"], venv_backend="none")
def demo(session: nox.Session) -> None:
    """Show the product at work."""
    session.run(BUILD_PYTHON, "scripts/demo.py", *session.posargs, external=True)
