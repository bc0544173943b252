"""A scene's cameras as they are at other frames, while the scene stays at its own."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import bpy


@dataclass(frozen=True)
class SceneAtFrame:
    """A scene, or a copy of it, evaluated at a frame; valid until the next one is asked for."""

    scene: bpy.types.Scene
    depsgraph: bpy.types.Depsgraph


class FrameEvaluator(contextlib.AbstractContextManager["FrameEvaluator"]):
    """Evaluates cameras of a scene at any frames; one copy of the scene serves all of them.

    The present frame is taken with its subframe, as the metadata of files leaves it out.

    At another frame, and for a camera that is not evaluated in the scene (it is hidden, or its
    collection is excluded), the copy holds that camera alone. Its depsgraph is not an active one,
    so animation is not written back to the objects, and what the user changed without keying it
    stays. What the camera depends on (parents, targets of constraints, drivers) is evaluated with
    it, the rest of the scene is not. The user's handlers of frame changes run, with the copy as
    their scene.

    A driver that reads the frame from the scene itself would read the present one there. If there
    is any, the scene goes to the frame and back instead, and what was not keyed is lost.
    """

    def __init__(self, context: bpy.types.Context) -> None:
        self._context = context
        self._scene = context.scene
        self._present = (self._scene.frame_current, self._scene.frame_subframe)
        self._copy: bpy.types.Scene | None = None
        self._moved = False

    def __enter__(self) -> Self:
        """Nothing is copied until a frame needs it."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Remove the copy, and take the scene back to its frame if it had to leave it."""
        if self._copy is not None:
            bpy.data.scenes.remove(self._copy)
            self._copy = None
        self._return()

    def at(self, camera_object: bpy.types.Object, frame: int) -> SceneAtFrame:
        """Evaluate a camera at a frame.

        Parameters
        ----------
        camera_object : bpy.types.Object
        frame : int
        """
        here = frame == self._present[0]
        if here:
            self._return()
        elif self._drivers_read_frame:
            self._scene.frame_set(frame)
            self._moved = True
        if here or self._moved:
            depsgraph = self._context.evaluated_depsgraph_get()
            if camera_object.evaluated_get(depsgraph).is_evaluated:
                return SceneAtFrame(self._scene, depsgraph)
        if self._copy is None:
            self._copy = _empty_copy(self._scene)
        self._copy.camera = camera_object  # evaluated even where it is hidden
        self._copy.frame_set(frame, subframe=self._present[1] if here else 0.0)
        return SceneAtFrame(self._copy, self._copy.view_layers[0].depsgraph)

    @functools.cached_property
    def _drivers_read_frame(self) -> bool:
        """Whether a driver of an object, or of its data, has the scene's frame as input."""
        owners = {*bpy.data.objects, *(item.data for item in bpy.data.objects if item.data)}
        return any(
            target.id == self._scene and target.data_path.startswith("frame_")
            for owner in owners
            if owner.animation_data
            for curve in owner.animation_data.drivers
            for variable in curve.driver.variables
            for target in variable.targets
        )

    def _return(self) -> None:
        if self._moved:
            self._scene.frame_set(self._present[0], subframe=self._present[1])
            self._moved = False


def _empty_copy(scene: bpy.types.Scene) -> bpy.types.Scene:
    """A copy of the scene's settings and animation, without its objects."""
    copy = scene.copy()
    root = copy.collection
    for child in list(root.children):
        root.children.unlink(child)
    for each in list(root.objects):
        root.objects.unlink(each)
    copy.timeline_markers.clear()  # which would make another camera the active one
    return copy
