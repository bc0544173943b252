"""Cameras as plain data, which JSON and a .blend can store, and back."""

from __future__ import annotations

import dataclasses
import json
import math
import typing
from collections.abc import Mapping
from typing import Any

from ..errors import CameraError
from .camera import Camera, Lens
from .fisheye import FisheyeEquidistant, FisheyeEquisolid, FisheyePolynomial, MirrorBall
from .intrinsics import Intrinsics, Orthographic, Perspective
from .opencv import OpenCVFisheye, OpenCVPerspective
from .panorama import CentralCylindrical, CubeFace, Equirectangular, Frame
from .stereo import SphericalStereo

VERSION = 1
"""Version of the data; it is raised when older data could be misread."""

_TYPES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        Intrinsics,
        Frame,
        Perspective,
        Orthographic,
        Equirectangular,
        CentralCylindrical,
        CubeFace,
        FisheyeEquidistant,
        FisheyeEquisolid,
        FisheyePolynomial,
        MirrorBall,
        OpenCVPerspective,
        OpenCVFisheye,
        SphericalStereo,
    )
}
_ADVICE = "store the camera again from the scene"


def camera_to_data(camera: Camera) -> dict[str, Any]:
    """Describe a camera with dicts, lists, strings, and numbers that strict JSON can hold.

    Returns
    -------
    dict
        ``version``, ``lens`` (its ``type``, and its fields by name in the units of the lens's
        class), and ``matrix`` (camera to world, 4 rows of 4 floats).

    Raises
    ------
    CameraError
        The lens is of an unknown class.
    """
    return {
        "version": VERSION,
        "lens": _to_data(camera.lens),
        "matrix": camera.matrix.tolist(),
    }


def camera_from_data(data: object) -> Camera:
    """Make the camera that :func:`camera_to_data` described, equal to the last bit.

    Raises
    ------
    CameraError
        The data is of another version or incomplete, or it holds values that no camera has.
    """
    fields = _mapping(data, "camera data")
    if fields.get("version") != VERSION:
        raise CameraError(
            f"The camera data has the version {fields.get('version')}, expected {VERSION}: update "
            f"the extension, or {_ADVICE}."
        )
    _check_names(fields, {"version", "lens", "matrix"}, "camera data")
    lens: Lens = _from_data(fields["lens"], Lens, "lens")
    return Camera(lens, fields["matrix"])


def camera_to_text(camera: Camera) -> str:
    """Describe a camera with one line of JSON; raises what :func:`camera_to_data` raises."""
    return json.dumps(camera_to_data(camera))


def camera_from_text(text: str) -> Camera:
    """Make the camera that :func:`camera_to_text` described.

    Raises
    ------
    CameraError
        The text is not JSON, or its data is refused by :func:`camera_from_data`.
    """
    try:
        data = json.loads(text)
    except ValueError:
        raise CameraError(
            f"The stored camera is {text[:40]!r}, expected JSON: {_ADVICE}."
        ) from None
    return camera_from_data(data)


def _to_data(value: Any) -> Any:
    if isinstance(value, float) and math.isinf(value):
        return str(value)  # strict JSON has no infinity
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, tuple):
        return [_to_data(item) for item in value]
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise CameraError(
            f"The camera's lens holds a {name}, expected one of {', '.join(_TYPES)}: add it to "
            "the types that camera data can hold."
        )
    fields = {field.name: _to_data(getattr(value, field.name)) for field in _fields(value)}
    return {"type": name, **fields}


def _from_data(data: object, expected: Any, name: str) -> Any:
    """Return the value of the field called `name`, of the annotated type `expected`."""
    if expected is float:
        return _number(data, name)
    if expected is int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise _unexpected(name, data, "a whole number")
        return data
    if typing.get_origin(expected) is tuple:
        kinds = typing.get_args(expected)
        if not isinstance(data, (list, tuple)) or len(data) != len(kinds):
            raise _unexpected(name, data, f"{len(kinds)} numbers")
        return tuple(_from_data(*each, name) for each in zip(data, kinds, strict=True))
    return _object(data, expected, name)


def _object(data: object, expected: type[Any], name: str) -> Any:
    fields = dict(_mapping(data, name))
    kind = fields.pop("type", None)
    found = _TYPES.get(kind) if isinstance(kind, str) else None
    if found is None or not issubclass(found, expected):
        known = ", ".join(n for n, candidate in _TYPES.items() if issubclass(candidate, expected))
        raise _unexpected(f"{name}'s type", kind, f"one of {known}")
    names = [field.name for field in _fields(found)]
    _check_names(fields, set(names), f"{name} of the type {kind}")
    hints = typing.get_type_hints(found)
    return found(**{key: _from_data(fields[key], hints[key], key) for key in names})


def _number(data: object, name: str) -> float:
    if data in ("inf", "-inf"):
        return float(str(data))
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        try:
            number = float(data)
        except OverflowError:  # a whole number beyond the range of a float
            number = math.nan
        if not math.isnan(number):
            return number
    raise _unexpected(name, data, "a number")


def _mapping(data: object, name: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise _unexpected(name, data, "named fields")
    return data


def _check_names(fields: Mapping[str, Any], expected: set[str], name: str) -> None:
    if set(fields) != expected:
        raise _unexpected(
            f"{name}'s fields", ", ".join(map(str, fields)) or "none", ", ".join(sorted(expected))
        )


def _unexpected(name: str, found: object, expected: str) -> CameraError:
    shown = str(found)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return CameraError(f"The stored {name} is {shown}, expected {expected}: {_ADVICE}.")


def _fields(value: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(value)
