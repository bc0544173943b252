"""Files that are damaged at random, and reproducibly."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

INTEGERS = (0, 1, -1, 2, 255, 256, 32767, 65535, 65536, 10**6, 2**31 - 1, 2**31, 2**32 - 1, 2**63)
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
TEXTS = (
    *(b"0", b"-1", b"1e999", b"-1e308", b"1e-320", b"NaN", b"Infinity", b"1_0", b"0x10", b"1,5"),
    *(b"9" * 400, b"null", b"true", b"[]", b"{}", b'""', b"[" * 5000, b"\xff\xfe", b"\0", b"\n"),
    *("\u0661".encode(), b'"\\ud800"', b"<!DOCTYPE a>", b"&lt;", b";", b"\t"),
)


@dataclass(frozen=True)
class Sample:
    """A file that is read well before it is damaged.

    Attributes
    ----------
    name : str
        Of the file.
    content : bytes
    header : int
        Bytes at its beginning that half of the damage falls on; 0 for all of it.
    wrap : callable
        What is done to the damaged bytes, such as to put them into an archive.
    beside : dict of str to bytes
        Other files of the folder, by name.
    """

    name: str
    content: bytes
    header: int = 0
    wrap: Callable[[bytes], bytes] = bytes
    beside: dict[str, bytes] = field(default_factory=dict)


def mutated(sample: Sample, other: Sample, random: np.random.Generator) -> bytes:
    """A sample's content with one to four faults; `other` lends its bytes to some."""
    content = bytearray(sample.content)
    for _ in range(1 + min(random.poisson(0.5), 3)):
        end = len(content)
        if sample.header and random.random() < 0.5:
            end = min(end, sample.header)
        if end < 2:
            break
        at = int(random.integers(end))
        FAULTS[random.integers(len(FAULTS))](content, at, other.content, random)
    return sample.wrap(bytes(content))


Random = np.random.Generator


def _length(random: Random) -> int:
    """Short ones are the most likely."""
    return int(2.0 ** random.uniform(0.0, 9.0))


def _set_byte(content: bytearray, at: int, _: bytes, random: Random) -> None:
    content[at] = random.integers(256)


def _flip_bit(content: bytearray, at: int, _: bytes, random: Random) -> None:
    content[at] ^= 1 << int(random.integers(8))


def _set_integer(content: bytearray, at: int, _: bytes, random: Random) -> None:
    value = INTEGERS[random.integers(len(INTEGERS))]
    size = (1, 2, 4, 8)[random.integers(4)]
    little = (value % 256**size).to_bytes(size, "little")
    content[at : at + size] = little if random.integers(2) else little[::-1]


def _set_float(content: bytearray, at: int, _: bytes, random: Random) -> None:
    value = random.choice([np.nan, np.inf, -np.inf, 0.0, -1.0, 3e38, 1e-45])
    content[at : at + 4] = struct.pack("<f", value)


def _set_text(content: bytearray, at: int, _: bytes, random: Random) -> None:
    """Put another text in the place of the next number."""
    found = NUMBER.search(content, at)
    start, end = found.span() if found else (at, at + 1)
    content[start:end] = TEXTS[random.integers(len(TEXTS))]


def _delete(content: bytearray, at: int, _: bytes, random: Random) -> None:
    del content[at : at + _length(random)]


def _repeat(content: bytearray, at: int, _: bytes, random: Random) -> None:
    content[at:at] = content[at : at + _length(random)]


def _insert(content: bytearray, at: int, _: bytes, random: Random) -> None:
    content[at:at] = random.bytes(_length(random))


def _splice(content: bytearray, at: int, other: bytes, random: Random) -> None:
    start, length = int(random.integers(len(other))), _length(random)
    content[at : at + length] = other[start : start + length]


def _truncate(content: bytearray, at: int, _: bytes, __: Random) -> None:
    del content[at:]


FAULTS = (
    *(_set_byte, _flip_bit, _set_integer, _set_integer, _set_float, _set_text, _set_text),
    *(_delete, _repeat, _insert, _splice, _truncate),
)
