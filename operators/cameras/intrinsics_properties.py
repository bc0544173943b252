"""What Camera from Intrinsics is given, and the camera that this describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpy.props import (
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    StringProperty,
)

from ...compat import BLEND_RELATIVE
from ..file_formats import absolute_path

if TYPE_CHECKING:
    from ...core.cameras.files import DescribedCamera


class IntrinsicsProperties:
    """Properties of the operator: a camera as numbers, as text, or as a file.

    Numbers of operators are single precision: they keep 6e-8 of themselves, 1e-4 pixels of an fx
    or cx of 2000. Text and files keep all digits. Matrices are flat, row by row: Blender would
    transpose a nested one for a Matrix of mathutils, or else for a list.
    """

    source: EnumProperty(
        name="Source",
        description="Where the intrinsics come from",
        items=(
            ("NUMBERS", "Numbers", "Focal lengths, principal point, and pose as numbers"),
            ("TEXT", "Text", "A camera as JSON, as Copy Intrinsics copies it"),
            ("FILE", "File", "A file of a camera, or of several"),
        ),
        options={"SKIP_SAVE"},
    )
    target: EnumProperty(
        name="Camera",
        description="Which camera is set",
        items=(
            ("NEW", "New", "Add a camera"),
            (
                "ACTIVE",
                "Active",
                "Set the active object if it is a camera, else the scene's active camera",
            ),
        ),
        options={"SKIP_SAVE"},
    )
    camera: StringProperty(
        name="Camera",
        description="Name of the camera to set, in place of the active one",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    name: StringProperty(
        name="Name",
        description="Name of a new camera; empty takes that of the camera or the image in the file",
        options={"SKIP_SAVE"},
    )
    convention: EnumProperty(
        name="Convention",
        description="Where pixels are counted from, and how the camera's axes lie",
        items=(
            (
                "BLENDER",
                "Blender",
                "The center of the first pixel is (0.5, 0.5); camera axes are X right, Y up, "
                "Z backward. NeRF programs do so, too",
            ),
            (
                "OPENCV",
                "OpenCV",
                "The center of the first pixel is (0, 0); camera axes are X right, Y down, "
                "Z forward",
            ),
            (
                "COLMAP",
                "COLMAP",
                "The center of the first pixel is (0.5, 0.5); camera axes are X right, Y down, "
                "Z forward",
            ),
        ),
    )
    fx: FloatProperty(
        name="Focal Length X", description="fx of K, in pixels", precision=4, options={"SKIP_SAVE"}
    )
    fy: FloatProperty(
        name="Y",
        description="fy of K, in pixels; 0 for the same as fx",
        precision=4,
        options={"SKIP_SAVE"},
    )
    cx: FloatProperty(
        name="Principal Point X",
        description="cx of K, in pixels",
        precision=4,
        options={"SKIP_SAVE"},
    )
    cy: FloatProperty(
        name="Y", description="cy of K, in pixels", precision=4, options={"SKIP_SAVE"}
    )
    k: FloatVectorProperty(
        name="K",
        description="The camera matrix row by row, in place of focal lengths and principal point",
        size=9,
        options={"HIDDEN", "SKIP_SAVE"},
    )
    width: IntProperty(
        name="Image Width",
        description="Width of the image in pixels, for numbers, and for a text or a file that does "
        "not say it",
        min=0,
        options={"SKIP_SAVE"},
    )
    height: IntProperty(
        name="Height",
        description="Height of the image in pixels, for numbers, and for a text or a file that "
        "does not say it",
        min=0,
        options={"SKIP_SAVE"},
    )
    sensor_width: FloatProperty(
        name="Sensor Width",
        description="Width of the sensor in millimeters, which decides how long the lens is; 0 "
        "keeps that of the camera, which is 36 mm for a new one",
        min=0.0,
        unit="CAMERA",
        options={"SKIP_SAVE"},
    )
    pose: EnumProperty(
        name="Pose",
        description="Where the camera stands",
        items=(
            ("NONE", "None", "A new camera stands at the 3D cursor, another one stays in place"),
            ("CAMERA_TO_WORLD", "Camera to World", "The matrix places the camera in the world"),
            ("WORLD_TO_CAMERA", "World to Camera", "The matrix is [R | t], as OpenCV calls it"),
        ),
        options={"SKIP_SAVE"},
    )
    matrix: FloatVectorProperty(
        name="Matrix",
        description="The pose as 4 rows of 4 numbers, in camera axes of the convention",
        size=16,
        default=(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
        options={"SKIP_SAVE"},
    )
    rotation: FloatVectorProperty(
        name="R",
        description="Rotation from the world to the camera row by row, with t in place of Matrix",
        size=9,
        options={"HIDDEN", "SKIP_SAVE"},
    )
    translation: FloatVectorProperty(
        name="t",
        description="Translation from the world to the camera, with R in place of Matrix",
        size=3,
        options={"HIDDEN", "SKIP_SAVE"},
    )
    text: StringProperty(
        name="Text",
        description="A camera as JSON: one that was copied or exported here, transforms.json, or "
        "OpenCV's K, dist, R, and t with width and height",
        options={"SKIP_SAVE"},
    )
    filepath: StringProperty(
        name="File Path",
        description="JSON of this extension, OpenCV's JSON or YAML, transforms.json of NeRF "
        "programs, or cameras.txt of a COLMAP text model",
        subtype="FILE_PATH",
        options={"HIDDEN", "SKIP_SAVE"} | BLEND_RELATIVE,
    )
    filter_glob: StringProperty(default="*.json;*.yml;*.yaml;*.txt", options={"HIDDEN"})
    image: StringProperty(
        name="Image",
        description="Which of the images in the text or the file, by its name or path there; may "
        "be empty if there is one",
        options={"SKIP_SAVE"},
    )

    def chosen_source(self) -> str:
        """The chosen source, or else the one whose field is filled in."""
        if self.is_set("source"):
            return self.source
        return "FILE" if self.filepath else "TEXT" if self.text else "NUMBERS"

    def is_set(self, name: str) -> bool:
        """Whether a property was given, rather than left at its default."""
        return self.properties.is_property_set(name)

    def described_camera(self) -> DescribedCamera:
        """Read the camera from the chosen source.

        Raises
        ------
        DepthError
            Numbers are missing or no camera's, or the text or the file cannot be read.
        """
        from ...core.cameras.files import choose_camera, parse_cameras, read_cameras
        from ...core.errors import FileError

        size = (self.width, self.height) if self.width and self.height else None
        match self.chosen_source():
            case "FILE" if not self.filepath:
                raise FileError("There is no file to read: choose one.")
            case "FILE":
                cameras = read_cameras(absolute_path(self.filepath), size)
            case "TEXT":
                cameras = parse_cameras(self.text, size)
            case _:
                return self._from_numbers()
        return choose_camera(cameras, self.image)

    def _from_numbers(self) -> DescribedCamera:
        import numpy as np

        from ...core.cameras.camera import Camera
        from ...core.cameras.conventions import Convention, camera_to_world, intrinsics_from
        from ...core.cameras.files import DescribedCamera
        from ...core.cameras.intrinsics import Perspective
        from ...core.errors import CameraError

        convention = Convention[self.convention]
        k = np.reshape(self.k, (3, 3))
        if not self.is_set("k"):
            if not (self.is_set("cx") and self.is_set("cy")):
                raise CameraError(
                    "There is no principal point, expected cx and cy in pixels: give them; the "
                    "image's middle is (width / 2, height / 2), less 0.5 for OpenCV."
                )
            fy = self.fy or self.fx
            k = np.array([[self.fx, 0.0, self.cx], [0.0, fy, self.cy], [0.0, 0.0, 1.0]])
        lens = Perspective(intrinsics_from(k, self.width, self.height, convention))
        matrix, is_from_world = np.reshape(self.matrix, (4, 4)), self.pose == "WORLD_TO_CAMERA"
        parts = [self.is_set(name) for name in ("rotation", "translation")]
        if all(parts):
            turn = np.reshape(self.rotation, (3, 3))
            matrix, is_from_world = np.column_stack([turn, self.translation]), True
        elif any(parts):
            raise CameraError("There is half a pose, expected rotation and translation: give both.")
        elif self.is_set("matrix") and not self.is_set("pose"):
            raise CameraError(
                "There is a matrix, but not which way it goes: set the pose to CAMERA_TO_WORLD or "
                "WORLD_TO_CAMERA."
            )
        elif self.pose == "NONE":
            return DescribedCamera(Camera(lens, np.eye(4)), has_pose=False)
        pose = camera_to_world(matrix, convention, is_from_world=is_from_world)
        return DescribedCamera(Camera(lens, pose))
