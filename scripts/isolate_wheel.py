"""Make a Linux wheel safe to load into a Blender that has another version of the same library.

Blender on Linux loads its copy of OpenEXR for everything in the process. The dynamic linker would
then bind the wheel's calls to that copy, because the C functions of both have the same names, and
the process would crash when it reads the first file. A wheel whose compiled modules export nothing
but their entry point binds to itself, so every other symbol is hidden.

See "Visibility" in the ELF specification: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.symtab.html
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

STV_HIDDEN = 2
ST_OTHER = 5
"""Offset of the visibility within an entry of a 64-bit symbol table."""


def isolate_wheel(source: Path, target: Path) -> None:
    """Write `source`, a wheel for Linux, to `target` with the symbols of its modules hidden.

    Raises
    ------
    RuntimeError
        The wheel holds no compiled module.
    """
    with tempfile.TemporaryDirectory() as folder:
        _wheel("unpack", "--dest", folder, str(source))
        (unpacked,) = Path(folder).iterdir()
        modules = list(unpacked.glob("*.so"))
        if not modules:
            raise RuntimeError(f"{source.name} holds no compiled module")
        for module in modules:
            hide_symbols(module)
        _wheel("pack", "--dest-dir", str(target.parent), str(unpacked))


def hide_symbols(module: Path) -> None:
    """Hide every symbol that a compiled module defines, in place, except `PyInit_*`."""
    data = bytearray(module.read_bytes())
    for offset, _ in exported_symbols(module):
        data[offset + ST_OTHER] = data[offset + ST_OTHER] & ~0b11 | STV_HIDDEN
    module.write_bytes(data)


def exported_symbols(module: Path) -> list[tuple[int, str]]:
    """Offset in the file, and name, of the symbols that others can bind to, except `PyInit_*`."""
    with module.open("rb") as file:
        table = next(
            section
            for section in ELFFile(file).iter_sections()
            if isinstance(section, SymbolTableSection) and section["sh_flags"] & SH_FLAGS.SHF_ALLOC
        )
        return [
            (table["sh_offset"] + index * table["sh_entsize"], symbol.name)
            for index, symbol in enumerate(table.iter_symbols())
            if symbol["st_shndx"] != "SHN_UNDEF"
            and symbol["st_info"]["bind"] != "STB_LOCAL"
            and symbol["st_other"]["visibility"] in {"STV_DEFAULT", "STV_PROTECTED"}
            and not symbol.name.startswith("PyInit_")
        ]


def _wheel(*arguments: str) -> None:
    command = [sys.executable, "-m", "wheel", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
