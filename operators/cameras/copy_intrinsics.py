"""Copy the active camera's intrinsics and pose to the clipboard."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, StringProperty

from ...core.errors import DepthError


class DEPTH_OT_copy_intrinsics(bpy.types.Operator):
    """Copy K, the image's size, and the pose of a camera as text."""

    bl_idname = "depth.copy_intrinsics"
    bl_label = "Copy Intrinsics"
    bl_description = (
        "Copy the camera matrix K, the image's size and the pose of the active camera to the "
        "clipboard, at the present frame and the scene's resolution. In background mode they are "
        "printed"
    )
    bl_options = {"REGISTER"}

    format: EnumProperty(
        name="Format",
        description="What the text is for",
        items=(
            ("NUMPY", "NumPy", "Lines of Python with K, size and pose as numpy arrays"),
            (
                "JSON",
                "JSON",
                "The camera of any lens, without loss, which Camera from Intrinsics takes again",
            ),
        ),
    )
    camera: StringProperty(
        name="Camera",
        description="Name of the camera; empty takes the active object if it is a camera, else "
        "the scene's active camera",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        item, scene = context.object, context.scene
        if (item is not None and item.type == "CAMERA") or scene.camera is not None:
            return True
        if any(each.type == "CAMERA" for each in scene.objects):  # one may be named
            return True
        cls.poll_message_set("Add a camera first")
        return False

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...bridge.cameras.active_camera import camera_named  # It loads numpy.

        try:
            item = camera_named(context, self.camera)
            text = self._text(context, item)
        except DepthError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if bpy.app.background:  # there, Blender has no clipboard, and cuts long reports
            print(text)
        else:
            context.window_manager.clipboard = text
            self.report({"INFO"}, f"Copied the intrinsics of {item.name}.")
        return {"FINISHED"}

    def _text(self, context: bpy.types.Context, item: bpy.types.Object) -> str:
        from ...bridge.cameras.active_camera import present_camera
        from ...core.cameras.numpy_text import numpy_text
        from ...core.export.camera_json import json_text
        from ...core.export.cameras import CameraRecord

        camera, frame = present_camera(context, item), context.scene.frame_current
        if self.format == "NUMPY":
            return numpy_text(camera, f"{item.name}, frame {frame}")
        return json_text(CameraRecord(camera, image="", name=item.name, frame=frame))


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_copy_intrinsics,))
