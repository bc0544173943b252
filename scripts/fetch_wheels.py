"""Put the wheels that the manifest lists into ``wheels/``.

They are downloaded to ``wheels/fetched/``, as pinned in ``wheels.txt``, and those for Linux are
isolated.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from isolate_wheel import isolate_wheel
from manifest import ROOT, Wheel, read_manifest

REQUIREMENTS = ROOT / "scripts" / "wheels.txt"


def pinned_hashes() -> frozenset[str]:
    """SHA-256 digests, in hex, that the requirements file allows."""
    return frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", REQUIREMENTS.read_text("utf-8")))


def fetched_path(wheel: Wheel) -> Path:
    """Path of the wheel as it was downloaded."""
    return wheel.path.parent / "fetched" / wheel.path.name


def is_fetched(wheel: Wheel) -> bool:
    """Whether the wheel has been downloaded, undamaged and as pinned."""
    path = fetched_path(wheel)
    if not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() in pinned_hashes()


def fetch(wheel: Wheel) -> None:
    """Download one wheel with pip.

    Raises
    ------
    RuntimeError
        pip failed, or downloaded a file with another name than the manifest's.
    """
    fetched_path(wheel).unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--only-binary=:all:", "--no-deps", "--implementation", "cp",
        "--python-version", wheel.python.removeprefix("cp"), "--abi", wheel.abi,
        "--platform", wheel.platform, "--dest", str(fetched_path(wheel).parent),
        "--requirement", str(REQUIREMENTS),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"pip could not download {wheel.path.name}:\n{result.stderr.strip()}")
    if not is_fetched(wheel):
        raise RuntimeError(
            f"pip downloaded another file than {wheel.path.name}, which blender_manifest.toml "
            f"lists; make its wheels and {REQUIREMENTS.name} agree"
        )


def main() -> None:
    """Download missing or damaged wheels, and make from all wheels what goes into the zips."""
    wheels = read_manifest().wheels
    missing = [wheel for wheel in wheels if not is_fetched(wheel)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(fetch, missing))
    if missing:
        print(f"fetched {len(missing)} wheels")
    for wheel in wheels:
        wheel.path.unlink(missing_ok=True)
        make = isolate_wheel if wheel.platform.startswith("manylinux") else shutil.copyfile
        make(fetched_path(wheel), wheel.path)


if __name__ == "__main__":
    main()
