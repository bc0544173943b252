"""How a render was taken, complete with its cameras, as a file's metadata says it.

The extension writes it into the file itself, in the scene's stamp note (see `stamp_note`), or into
a JSON file beside the render.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..cameras.camera import Camera
from ..cameras.serialization import camera_from_data, camera_to_data
from ..depth.clipping import ClipRange
from ..depth.image import DepthKind
from ..errors import CameraError
from .stamp_note import data_in_note, text_from_data

VERSION = 1
"""Of the data; it grows when readers of the version before could misread it."""


_NONE = "<none>"
"""What Blender writes as the camera into the files of File Output nodes."""


@dataclass(frozen=True, eq=False)
class ViewShot:
    """One view of a render.

    Attributes
    ----------
    view : str
        Its name; empty in a render without stereoscopy.
    suffix : str
        What the names of files of this view alone end in, before the extension.
    camera_name : str
    camera : Camera
        As it was when the view was rendered; its lens has the size of the image.
    clip : ClipRange
        Its kind is also that of the view's depth.
    has_depth_of_field : bool
    """

    view: str
    suffix: str
    camera_name: str
    camera: Camera
    clip: ClipRange
    has_depth_of_field: bool

    @property
    def kind(self) -> DepthKind:
        """What the view's depth is measured along."""
        return self.clip.kind


@dataclass(frozen=True, eq=False)
class ShotMetadata:
    """How a render was taken.

    Attributes
    ----------
    views : tuple of ViewShot
        At least one, each of another name.
    engine : str
        Identifier of the engine in Blender.
    frame : int
    subframe : float
        Time past the frame, from 0 to 1.
    has_motion_blur : bool
    unit_scale : float
        Meters in a unit of the scene.
    blender_version : str
    fingerprint : str
        Of the geometry's state.
    """

    views: tuple[ViewShot, ...]
    engine: str
    frame: int
    subframe: float
    has_motion_blur: bool
    unit_scale: float
    blender_version: str
    fingerprint: str

    def view_shot(self, view: str = "", path: str = "") -> ViewShot:
        """Find a view by its name, or else the only one, or the one whose suffix a file has.

        Parameters
        ----------
        view : str
            Its name; empty if the file does not say it.
        path : str
            The file, if its name may end in a view's suffix.

        Raises
        ------
        CameraError
            There is no such view, or it is not clear which one is meant.
        """
        names = ", ".join(each.view or "(none)" for each in self.views)
        if view:
            for each in self.views:
                if each.view == view:
                    return each
            raise CameraError(
                f"The metadata has no view {view}, expected one of {names}: choose one of them."
            )
        if len(self.views) == 1:
            return self.views[0]
        stem = os.path.splitext(os.path.basename(path))[0]
        fitting = [each for each in self.views if each.suffix and stem.endswith(each.suffix)]
        if not fitting:
            raise CameraError(
                f"The file was rendered with the views {names}, and neither its metadata nor its "
                "name says which one it shows: choose a view."
            )
        return max(fitting, key=lambda each: len(each.suffix))

    def to_data(self) -> dict[str, Any]:
        """Dicts, lists, strings and numbers, as strict JSON has them."""
        return {
            "version": VERSION,
            "engine": self.engine,
            "frame": self.frame,
            "subframe": self.subframe,
            "has_motion_blur": self.has_motion_blur,
            "unit_scale": self.unit_scale,
            "blender_version": self.blender_version,
            "fingerprint": self.fingerprint,
            "views": [_view_to_data(each) for each in self.views],
        }

    @classmethod
    def from_data(cls, data: object) -> Self:
        """The metadata that :meth:`to_data` described, equal to the last bit.

        Raises
        ------
        CameraError
            The data is of another version, incomplete, or holds values that no render has.
        """
        fields = _Fields(data, "metadata")
        _check_version(fields.take("version", int))
        views = tuple(_view_from_data(each) for each in fields.take("views", list))
        if not views or len({each.view for each in views}) < len(views):
            raise _damaged("has no views, or two of the same name")
        return cls(
            views=views,
            engine=fields.take("engine", str),
            frame=fields.take("frame", int),
            subframe=fields.take("subframe", float),
            has_motion_blur=fields.take("has_motion_blur", bool),
            unit_scale=fields.take("unit_scale", float),
            blender_version=fields.take("blender_version", str),
            fingerprint=fields.take("fingerprint", str),
        )

    def to_text(self) -> str:
        """A text for a stamp note, as `stamp_note.text_from_data` makes it."""
        return text_from_data(self.to_data())

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The metadata in a text that may hold other things; None if there is none.

        Raises
        ------
        CameraError
            As of `stamp_note.data_in_note` and `from_data`.
        """
        data = data_in_note(text)
        return None if data is None else cls.from_data(data)

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, str]) -> Self | None:
        """The metadata among a file's attributes that are strings; None if there is none.

        Parameters
        ----------
        attributes : mapping of str to str
            As in `FileInfo.attributes`.

        Raises
        ------
        CameraError
            As of `from_text`; or the other attributes name another frame or camera, because the
            text of an earlier render was left in the scene.
        """
        metadata = cls.from_text(attributes.get("Note", ""))
        if metadata is not None:
            metadata._check_frame(attributes.get("Frame", ""))
            metadata._check_camera(attributes.get("Camera", _NONE))
        return metadata

    def _check_frame(self, found: str) -> None:
        try:
            frame = int(found)  # Blender pads it with zeros to the digits of the last frame
        except ValueError:  # not recorded
            return
        if frame != self.frame:
            raise _left_over(f"frame {frame}", f"frame {self.frame}")

    def _check_camera(self, found: str) -> None:
        names = [each.camera_name for each in self.views]
        if found not in (_NONE, *names):
            raise _left_over(f"camera '{found}'", f"camera '{names[0]}'")


class _Fields:
    """Named values of data, each of a type."""

    def __init__(self, data: object, name: str) -> None:
        if not isinstance(data, Mapping):
            raise _damaged(f"has {name} without named values")
        self._data = data
        self._name = name

    def take(self, key: str, kind: type[Any]) -> Any:
        """The value of a name; floats are finite, and may stand as whole numbers."""
        value: Any = self._data.get(key)
        if kind is float and type(value) is int and abs(value) < 1 << 53:
            value = float(value)
        if type(value) is not kind or (kind is float and not math.isfinite(value)):
            raise _damaged(f"has {self._name} with the {key} {str(value)[:40]}")
        return value


def _view_to_data(shot: ViewShot) -> dict[str, Any]:
    return {
        "view": shot.view,
        "suffix": shot.suffix,
        "camera_name": shot.camera_name,
        "camera": camera_to_data(shot.camera),
        "clip": {
            "start": shot.clip.start,
            "end": shot.clip.end,
            "kind": shot.clip.kind.value,
            "leaves_far_plane": shot.clip.leaves_far_plane,
        },
        "has_depth_of_field": shot.has_depth_of_field,
    }


def _view_from_data(data: object) -> ViewShot:
    fields = _Fields(data, "a view")
    clip = _Fields(fields.take("clip", dict), "a clip range")
    kind = clip.take("kind", str)
    if kind not in {each.value for each in DepthKind}:
        raise _damaged(f"has depth of the kind {kind[:40]}")
    return ViewShot(
        view=fields.take("view", str),
        suffix=fields.take("suffix", str),
        camera_name=fields.take("camera_name", str),
        camera=camera_from_data(fields.take("camera", dict)),
        clip=ClipRange(
            clip.take("start", float),
            clip.take("end", float),
            DepthKind(kind),
            clip.take("leaves_far_plane", bool),
        ),
        has_depth_of_field=fields.take("has_depth_of_field", bool),
    )


def _left_over(found: str, described: str) -> CameraError:
    return CameraError(
        f"The file is of {found}, but its Note describes {described}, and so is left over from "
        "another render: remove the words in brackets from the note in Output Properties > "
        "Metadata, and choose the camera."
    )


def _check_version(version: int) -> None:
    if version != VERSION:
        raise CameraError(
            f"The metadata of how the file was rendered has the version {version}, expected "
            f"{VERSION}: update the extension, or choose the camera."
        )


def _damaged(what: str) -> CameraError:
    return CameraError(
        f"The metadata of how the file was rendered {what}: render it again, or choose the camera."
    )
