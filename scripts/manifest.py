"""Read ``blender_manifest.toml``, the only file with the extension's id, version, and wheels."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_WHEEL = re.compile(
    r"(?P<project>[^-]+)-(?P<version>[^-]+)-(?P<python>cp3\d+)-(?P<abi>cp3\d+)-(?P<platform>.+)\.whl"
)


@dataclass(frozen=True)
class Wheel:
    """One wheel that the manifest lists, by the parts of its name.

    Attributes
    ----------
    path : Path
        Its path in the checkout.
    project, version : str
        Such as ``openexr`` and ``3.5.3``.
    python, abi, platform : str
        pip's tags, such as ``cp311``, ``cp311``, and ``win_amd64``.
    """

    path: Path
    project: str
    version: str
    python: str
    abi: str
    platform: str


@dataclass(frozen=True)
class Manifest:
    """What the build and the tests need to know from the manifest."""

    id: str
    version: str
    platforms: tuple[str, ...]
    wheels: tuple[Wheel, ...]

    def zip_path(self, platform: str) -> Path:
        """Path where ``make build`` writes the zip for one of :attr:`platforms`."""
        name = f"{self.id}-{self.version}-{platform.replace('-', '_')}.zip"
        return ROOT / "dist" / name


def read_manifest() -> Manifest:
    """Read the manifest at the checkout's root.

    Raises
    ------
    ValueError
        A wheel's file name is not that of a CPython wheel.
    """
    data = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    return Manifest(
        id=data["id"],
        version=data["version"],
        platforms=tuple(data["platforms"]),
        wheels=tuple(_wheel(entry) for entry in data["wheels"]),
    )


def _wheel(entry: str) -> Wheel:
    path = ROOT / entry
    match = _WHEEL.fullmatch(path.name)
    if match is None:
        raise ValueError(
            f"blender_manifest.toml lists {entry!r}; expected the file name of a CPython wheel"
        )
    return Wheel(path, **match.groupdict())
