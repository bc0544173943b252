"""Evaluate a scene's cameras at any frame, while the scene stays at its current frame."""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import bpy


@dataclass(frozen=True)
class SceneAtFrame:
    """A scene, or a copy of it, evaluated at a frame; valid until the next evaluation."""

    scene: bpy.types.Scene
    depsgraph: bpy.types.Depsgraph


class FrameEvaluator(contextlib.AbstractContextManager["FrameEvaluator"]):
    """Evaluates a scene's cameras at any frame; one copy of the scene serves all frames.

    The current frame is evaluated with its subframe, which the metadata of files leaves out.

    Another frame, or a camera that the scene does not evaluate because it is hidden or its
    collection is excluded, is evaluated in a copy of the scene that holds that camera alone. The
    copy's depsgraph is not an active one, so animation is not written back to the objects, and
    values that the user changed without keying them stay. What the camera depends on (parents,
    targets of constraints, drivers) is evaluated with it; the rest of the scene is not. The user's
    frame change handlers run, with the copy as their scene.

    A driver that reads the frame from the scene itself would read the current frame there. If there
    is such a driver, the scene itself goes to the frame and back, and values that were not keyed
    are lost.
    """

    def __init__(self, context: bpy.types.Context) -> None:
        self._context = context
        self._scene = context.scene
        self._current = (self._scene.frame_current, self._scene.frame_subframe)
        self._copy: bpy.types.Scene | None = None
        self._moved = False

    def __enter__(self) -> Self:
        """Return the evaluator; the scene is copied only when a frame needs a copy."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Remove the copy, and return the scene to its frame if that was changed."""
        if self._copy is not None:
            bpy.data.scenes.remove(self._copy)
            self._copy = None
        self._restore_frame()

    def at(self, camera_object: bpy.types.Object, frame: int) -> SceneAtFrame:
        """Evaluate a camera at a frame.

        Parameters
        ----------
        camera_object : bpy.types.Object
        frame : int
        """
        here = frame == self._current[0]
        if here:
            self._restore_frame()
        elif self.drivers_read_frame:
            self._scene.frame_set(frame)
            self._moved = True
        if here or self._moved:
            depsgraph = self._context.evaluated_depsgraph_get()
            if camera_object.evaluated_get(depsgraph).is_evaluated:
                return SceneAtFrame(self._scene, depsgraph)
        if self._copy is None:
            self._copy = _empty_copy(self._scene)
        self._copy.camera = camera_object  # so that it is evaluated even if it is hidden
        self._copy.frame_set(frame, subframe=self._current[1] if here else 0.0)
        return SceneAtFrame(self._copy, self._copy.view_layers[0].depsgraph)

    @functools.cached_property
    def drivers_read_frame(self) -> bool:
        """Whether a driver of an object, or of its data, reads the scene's frame."""
        owners = {*bpy.data.objects, *(item.data for item in bpy.data.objects if item.data)}
        return any(
            target.id == self._scene and target.data_path.startswith("frame_")
            for owner in owners
            if owner.animation_data
            for curve in owner.animation_data.drivers
            for variable in curve.driver.variables
            for target in variable.targets
        )

    def _restore_frame(self) -> None:
        if self._moved:
            self._scene.frame_set(self._current[0], subframe=self._current[1])
            self._moved = False


def _empty_copy(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Copy the scene's settings and animation, without its objects."""
    copy = scene.copy()
    root = copy.collection
    for child in list(root.children):
        root.children.unlink(child)
    for each in list(root.objects):
        root.objects.unlink(each)
    copy.timeline_markers.clear()  # they would make another camera the active one
    return copy
