"""A mouse and a keyboard that are real to Blender: X11's XTEST extension, in its wire protocol.

Events that Blender simulates know no double click, and while it simulates, it takes no others.
"""

from __future__ import annotations

import socket
import struct

_SETUP = struct.Struct("<BxHHHHxx")
_FAKE_INPUT = struct.Struct("<BBHBBxxII8xhh8x")
_KEY_PRESS, _KEY_RELEASE, _PRESS, _RELEASE, _MOTION = 2, 3, 4, 5, 6
KEYS = {"a": 38, "b": 56, "ESC": 9, "RET": 36}
"""Codes of the keys in use."""


class Hands:
    """On the mouse and the keyboard of the screen that Blender runs on."""

    def __init__(self, display: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(f"/tmp/.X11-unix/X{display.lstrip(':')}")
        self._socket.sendall(_SETUP.pack(ord("l"), 11, 0, 0, 0))
        accepted, length = struct.unpack("<B5xH", self._read(8))
        assert accepted == 1
        setup = self._read(4 * length)
        (vendor,) = struct.unpack_from("<H", setup, 16)
        formats = setup[21]
        (self._root,) = struct.unpack_from("<I", setup, 32 + (vendor + 3) // 4 * 4 + 8 * formats)
        self._opcode = self._extension(b"XTEST")

    def double_click(self, x: int, y: int) -> None:
        """Double-click at a place of the screen, from its upper left."""
        self._send(_MOTION, 0, x, y)
        for _ in range(2):
            self._send(_PRESS, 1, 0, 0)
            self._send(_RELEASE, 1, 0, 0)

    def type(self, *keys: str) -> None:
        """Press and release keys one after the other, in the window under the mouse."""
        self._socket.sendall(struct.pack("<BxHI", 38, 2, self._root))
        (window,) = struct.unpack_from("<I", self._read(32), 12)
        self._socket.sendall(struct.pack("<BBHII", 42, 0, 3, window, 0))
        for key in keys:
            self._send(_KEY_PRESS, KEYS[key], 0, 0)
            self._send(_KEY_RELEASE, KEYS[key], 0, 0)

    def _send(self, kind: int, detail: int, x: int, y: int) -> None:
        event = (self._opcode, 2, 9, kind, detail, 0, self._root, x, y)
        self._socket.sendall(_FAKE_INPUT.pack(*event))

    def _extension(self, name: bytes) -> int:
        padded = name.ljust((len(name) + 3) // 4 * 4, b"\0")
        request = struct.pack("<BxHHxx", 98, 2 + len(padded) // 4, len(name)) + padded
        self._socket.sendall(request)
        reply = self._read(32)
        assert reply[8], f"the screen has no {name.decode()}"
        return reply[9]

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._socket.recv(count - len(data))
        return data
