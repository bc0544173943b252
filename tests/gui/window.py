"""A real Blender window: Debian's Blender in a folder of its own, on a screen of its own.

The folder is made once, with debootstrap, in the user's cache. A scenario then runs in it under
``chroot`` in new mount, process and network namespaces: what is mounted or started there is gone
with its first process, however that ends, and nothing reaches the network.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "blender imagemagick libgl1-mesa-dri python3-cattr python3-numpy python3-requests xvfb"
"""Blender, what Debian's package of it forgets to depend on, and a screen."""
NAMESPACES = ("--mount", "--pid", "--net", "--ipc", "--fork", "--kill-child")
TIMEOUT = 240.0
"""Seconds after which a Blender that has not ended is killed."""

# Apart from debootstrap, which knows no virtual packages.
_INSTALL = """
root=$1; shift
mount -t proc proc "$root/proc"
apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/00of-this-machine"
chroot "$root" apt-get update --quiet
chroot "$root" apt-get install --quiet --yes --no-install-recommends "$@"
chroot "$root" apt-get clean
chroot "$root" blender --version
"""
_PLAY = """
root=$1 results=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/root"
mkdir "$root/root/checkout" "$root/root/results"
mount --bind -o ro "$PWD" "$root/root/checkout"
mount --bind "$results" "$root/root/results"
exec chroot "$root" "$@"
"""


class UnavailableError(Exception):
    """The machine cannot run a Blender window; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What a scenario left: the value it returned, its folder of screenshots, Blender's output."""

    value: Any
    folder: Path
    log: str


def debian(suite: str) -> Path:
    """Return the folder of a Debian suite with Blender, made on first use.

    Raises
    ------
    UnavailableError
        Not Linux as root, or the packages cannot be had.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise UnavailableError("a Blender window needs Linux and root, for debootstrap and chroot")
    _run("unshare", *NAMESPACES, "true")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "reconstruct-from-depth" / suite
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_whole(folder):
            _make(folder)
    return folder


def _is_whole(folder: Path) -> bool:
    stamp = folder.with_suffix(".complete")
    return (
        stamp.is_file()
        and stamp.read_text() == PACKAGES
        and all((folder / "usr/bin" / name).is_file() for name in ("blender", "Xvfb"))
    )


def _make(folder: Path) -> None:
    stamp = folder.with_suffix(".complete")
    stamp.unlink(missing_ok=True)
    _run("rm", "-rf", "--one-file-system", str(folder))
    if shutil.which("debootstrap") is None:
        _run("apt-get", "update", "--quiet")
        _run("apt-get", "install", "--quiet", "--yes", "debootstrap")
    # Its own mounts, too, go with the namespace if it is interrupted.
    _run("unshare", "--mount", "debootstrap", "--variant=minbase", folder.name, str(folder))
    _run("unshare", "--mount", "sh", "-euc", _INSTALL, "sh", str(folder), *PACKAGES.split())
    (folder / "etc/mtab").symlink_to("/proc/self/mounts")
    stamp.write_text(PACKAGES)


def _run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as error:
        raise UnavailableError(f"{command[0]} cannot run: {error}") from error
    if result.returncode != 0:
        output = result.stderr.strip() or result.stdout.strip()
        words = " ".join(word for word in command if "\n" not in word)
        tail = "; ".join(output.splitlines()[-3:])
        raise UnavailableError(f"a Blender window needs '{words}', which failed: {tail}")


def play(system: Path, scenario: str, zip_path: Path, folder: Path) -> Outcome:
    """Play ``scenarios/<scenario>.py`` in a new Blender window with the zip installed.

    Raises
    ------
    AssertionError
        The scenario raised, or Blender hung, crashed or left no result. Blender's output and the
        place of the screenshots are in the message.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    checkout = Path("/root/checkout")
    command = [
        "unshare", *NAMESPACES, "sh", "-euc", _PLAY, "sh", str(system), str(folder),
        "sh", str(checkout / "tests/gui/inside.sh"), str(checkout / zip_path.relative_to(ROOT)),
        str(checkout / "tests/gui/scenarios" / f"{scenario}.py"), "/root/results",
    ]  # fmt: skip
    log = folder / "blender.log"
    with log.open("w") as output:
        try:
            code = subprocess.run(
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, timeout=TIMEOUT
            ).returncode
            ending = f"ended with code {code}"
        except subprocess.TimeoutExpired:
            code, ending = None, f"was killed after {TIMEOUT:.0f} s"
    text = log.read_text(errors="replace")
    result = folder / "result.json"
    outcome = json.loads(result.read_text()) if result.is_file() else {"error": "no result.json"}
    if "/extensions/user_default/" in text:  # in draw() or a handler, after which Blender goes on
        outcome.setdefault("error", "the extension raised an error")
    if code != 0 or "error" in outcome:
        tail = "\n".join(text.splitlines()[-30:])
        raise AssertionError(
            f"{scenario}: {outcome.get('error', 'the scenario passed')}\n"
            f"Blender {ending}; screenshots are in {folder}; the end of its output:\n{tail}"
        )
    return Outcome(outcome["value"], folder, text)
