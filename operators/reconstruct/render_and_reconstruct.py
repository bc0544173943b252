"""Render and Reconstruct: render with the Depth pass on, then reconstruct from that render."""

from __future__ import annotations

from typing import Any

import bpy

from ...core.errors import DepthError
from ...properties.reconstruct.filters import REGION_PASSES
from ..job import Job, JobCancelledError
from .base import ReconstructionOperator

CORRECTED = (
    "A corrected camera is that of an image which is there, but Render and Reconstruct makes a new "
    "one: leave camera_data empty, or use Reconstruct from Depth."
)


class DEPTH_OT_render_and_reconstruct(ReconstructionOperator, bpy.types.Operator):
    """Render, then reconstruct from the Render Result."""

    bl_idname = "depth.render_and_reconstruct"
    bl_label = "Render and Reconstruct"
    bl_description = (
        "Render the image with the Depth pass on, and turn it into a mesh that lies on the "
        "surfaces it shows"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any(each.type == "CAMERA" for each in context.scene.objects):
            cls.poll_message_set("The scene has no camera to render with; add one")
            return False
        return super().poll(context)

    def job(self, context: bpy.types.Context) -> Job:
        """Render, then reconstruct from the Render Result."""
        from ...bridge.renders.active_camera import rendering_from
        from ...bridge.renders.view_layer_passes import passes_enabled

        scene = context.scene
        self._check_camera(scene)
        if not self.options.is_repeat:  # Adjust Last Operation uses the last render
            if self.camera_data:
                raise DepthError(CORRECTED)
            with passes_enabled(scene, self._passes(scene)), rendering_from(scene, self.camera):
                yield _RenderStep()
        yield from self.reconstruct(context, "")

    def _check_camera(self, scene: bpy.types.Scene) -> None:
        """Raise an error before rendering if there is no camera to render with."""
        if self.camera:
            chosen: bpy.types.Object | None = scene.objects.get(self.camera)
            if chosen is None or chosen.type != "CAMERA":
                raise DepthError(
                    f"The scene has no camera named '{self.camera}' to render with; choose "
                    "another, or none to render with the active one."
                )
        elif scene.camera is None:
            raise DepthError(
                "The scene has no active camera to render with; choose a camera, or make one "
                "active (Ctrl Numpad 0)."
            )

    def _passes(self, scene: bpy.types.Scene) -> list[str]:
        """The passes to enable, by their names in view layers."""
        from ...bridge.renders.view_layer_passes import flags_of

        passes = ["use_pass_z", *flags_of(self.passes)]
        uses_position = self.points_from == "AUTOMATIC" and "EEVEE" in scene.render.engine
        if uses_position or self.points_from == "POSITION":
            passes.append("use_pass_position")
        if self.region in REGION_PASSES:
            passes.append(REGION_PASSES[self.region])
        return passes


class _RenderStep:
    """Rendering, which blocks scripts; in the interface, it is a job of Blender's, as with F12."""

    text = "Rendering"
    fraction = 0.0
    needs_events = True

    def __init__(self) -> None:
        self._ended_by = ""
        self._hooks = {name: self._hook(name) for name in ("render_complete", "render_cancel")}

    def run(self) -> None:
        """Render now."""
        if _render() != {"FINISHED"}:
            raise JobCancelledError("The render was cancelled; nothing was changed")

    def start(self) -> None:
        """Start Blender's render job."""
        for name, hook in self._hooks.items():
            getattr(bpy.app.handlers, name).append(hook)
        if _render("INVOKE_DEFAULT") != {"RUNNING_MODAL"}:
            raise DepthError(
                "Blender did not start to render; wait until it is no longer busy, and try again."
            )

    def done(self) -> bool:
        """Whether the render completed or was cancelled."""
        return bool(self._ended_by) and not bpy.app.is_job_running("RENDER")

    def finish(self) -> None:
        """Raise `JobCancelledError` if it was cancelled."""
        self.stop()
        if self._ended_by == "render_cancel":
            raise JobCancelledError("The render was cancelled; nothing was changed")

    def stop(self) -> None:
        """Remove the handlers."""
        for name, hook in self._hooks.items():
            handlers = getattr(bpy.app.handlers, name)
            if hook in handlers:
                handlers.remove(hook)

    def _hook(self, name: str) -> Any:
        def ended(*_: Any) -> None:
            self._ended_by = name

        return ended


def _render(*how: str) -> set[str]:
    try:
        return bpy.ops.render.render(*how)  # type: ignore[arg-type, return-value]  # lacks contexts
    except RuntimeError as error:
        raise DepthError(f"Blender could not render: {str(error).strip()}") from error


register, unregister = bpy.utils.register_classes_factory((DEPTH_OT_render_and_reconstruct,))
