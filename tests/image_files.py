"""Images written by the standards of their formats, without a library that Blender lacks."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np


def write_png(path: Path, pixels: np.ndarray) -> Path:
    """Unsigned integers of 8 or 16 bits, shape (H, W) or (H, W, C), in unfiltered rows."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    height, width, channels = pixels.reshape(*pixels.shape[:2], -1).shape
    bits, color = 8 * pixels.dtype.itemsize, {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    big = pixels.astype(pixels.dtype.newbyteorder(">"))
    rows = b"".join(b"\0" + row.tobytes() for row in big)
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )  # fmt: skip
    return path


def write_tiff(
    path: Path,
    pixels: np.ndarray,
    order: str = "<",
    photometric: int | None = None,
    orientation: int = 1,
    sample_format: int | None = None,
) -> Path:
    """Numbers of any type, shape (H, W) or (H, W, C), in one strip without compression."""
    height, width, channels = pixels.reshape(*pixels.shape[:2], -1).shape
    sample_format = sample_format or {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    photometric = (2 if channels > 2 else 1) if photometric is None else photometric
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    tags = [
        (256, [width]), (257, [height]), (258, [8 * pixels.dtype.itemsize] * channels), (259, [1]),
        (262, [photometric]), (273, [0]), (274, [orientation]), (277, [channels]), (278, [height]),
        (279, [len(data)]), (284, [1]), (339, [sample_format] * channels),
    ]  # fmt: skip
    if channels in (2, 4):
        tags.insert(-1, (338, [2]))
    behind = 8 + 2 + 12 * len(tags) + 4
    start = behind + sum(2 * len(values) for _, values in tags if len(values) > 2)
    entries = extra = b""
    for tag, values in tags:
        if tag in (273, 279):
            field = struct.pack(f"{order}HII", 4, 1, start if tag == 273 else len(data))
        elif len(values) > 2:
            field = struct.pack(f"{order}HII", 3, len(values), behind + len(extra))
            extra += struct.pack(f"{order}{len(values)}H", *values)
        else:
            numbers = struct.pack(f"{order}{len(values)}H", *values).ljust(4, b"\0")
            field = struct.pack(f"{order}HI", 3, len(values)) + numbers
        entries += struct.pack(f"{order}H", tag) + field
    magic = b"II*\0" if order == "<" else b"MM\0*"
    head = magic + struct.pack(f"{order}I", 8) + struct.pack(f"{order}H", len(tags))
    path.write_bytes(head + entries + bytes(4) + extra + data)
    return path


def write_pfm(path: Path, pixels: np.ndarray, scale: str = "-1.0") -> Path:
    """Floats, shape (H, W) or (H, W, 3), in rows from the bottom; a negative scale swaps bytes."""
    kind, order = ("Pf" if pixels.ndim == 2 else "PF"), ("<" if scale.startswith("-") else ">")
    header = f"{kind}\n{pixels.shape[1]} {pixels.shape[0]}\n{scale}\n".encode()
    path.write_bytes(header + pixels[::-1].astype(f"{order}f4").tobytes())
    return path


def write_hdr(path: Path, pixels: np.ndarray) -> Path:
    """Floats, shape (H, W), as gray RGBE without run lengths."""
    mantissa, exponent = np.frexp(pixels.astype(np.float64))
    mantissas = np.floor(mantissa * 256.0).astype(np.uint8)
    exponents = np.where(pixels > 0, exponent + 128, 0).astype(np.uint8)
    header = f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {pixels.shape[0]} +X {pixels.shape[1]}\n"
    path.write_bytes(header.encode() + np.stack([*[mantissas] * 3, exponents], -1).tobytes())
    return path
