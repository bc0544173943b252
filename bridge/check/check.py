"""Checks a source's depth against the truth that is at hand, and says what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.cameras.camera import Camera
from ...core.check.fault import Fault
from ...core.check.samples import Samples, choose_samples
from ...core.check.verdict import Verdict, diagnose, not_checked
from ...core.depth.image import DepthImage
from ...core.errors import FileError, LayerError
from ...core.exr.reader import read_layer
from ...core.pipeline.shot import Shot
from ...core.pipeline.source import Layers, Pixels, Source
from .. import units
from ..cameras.lens import CYCLES
from .candidates import candidate_cameras
from .caster import SceneCaster
from .comparable import compare_with_scene
from .scene_at_frame import scene_at_frame

Array = NDArray[np.float64]

SAMPLES_BY_ITSELF = 400
"""Pixels that are looked at after each reconstruction."""

FACES_BY_ITSELF = 150_000
"""Faces of the scene that rays are cast at without being asked: they cost 0.1 s the first time."""

PIXELS_BY_ITSELF = 2_200_000
"""Pixels of a Position pass that is read without being asked."""

_JITTER = {CYCLES: 0.001}
_JITTER_OF_OTHERS = 0.1
"""Pixels from the center within which an engine may sample depth."""

_FEW = 0.03
"""Share of outliers up to which no fault is looked for: a moved camera sees a floor unmoved."""

_LEAST = 12
"""Samples below which nothing is said."""


@dataclass(frozen=True)
class CheckOptions:
    """How thorough a check is.

    Attributes
    ----------
    count : int
        Pixels to sample.
    most_faces : int, optional
        Faces of the scene that rays may be cast at.
    most_pixels : int, optional
        Pixels of the Position pass that may be read.
    any_frame : bool
        Whether to evaluate the scene at the frame of the image where that is another one.
    """

    count: int = SAMPLES_BY_ITSELF
    most_faces: int | None = FACES_BY_ITSELF
    most_pixels: int | None = PIXELS_BY_ITSELF
    any_frame: bool = False


@dataclass(frozen=True, eq=False)
class Subject:
    """What is checked.

    Attributes
    ----------
    depth : DepthImage
        As it was read, before filters.
    camera : Camera, optional
        None if its lens has no model.
    shot : Shot
    position : ndarray, shape (H, W, 3), optional
        The Position pass of the same pixels, if it was read.
    layers : Layers, optional
        Where a Position pass may be; None if there is no file to read.
    """

    depth: DepthImage
    camera: Camera | None
    shot: Shot
    position: Array | None = None
    layers: Layers | None = None

    @classmethod
    def of(cls, source: Source, pixels: Pixels) -> Self:
        """What was read of a source."""
        return cls(pixels.depth, source.camera, source.shot, pixels.position, source.layers)


BY_ITSELF = CheckOptions()
THOROUGH = CheckOptions(count=20_000, most_faces=None, most_pixels=None, any_frame=True)


def check(
    context: bpy.types.Context, subject: Subject, options: CheckOptions = BY_ITSELF
) -> Verdict:
    """Say whether the points of a depth image are right, and if not, what is wrong.

    The truth is the Position pass where there is one, else what rays hit in the scene.

    Parameters
    ----------
    context : bpy.types.Context
    subject : Subject
    options : CheckOptions
    """
    if subject.camera is None:
        return not_checked("the lens of the camera has no model here")
    samples = choose_samples(subject.depth, options.count)
    if len(samples) < _LEAST:
        return not_checked(f"only {len(samples)} pixels hold a depth")
    case = _Case(context, subject, subject.camera, options)
    if subject.position is not None:
        return case.against_position(samples, subject.position)
    if options is not BY_ITSELF:
        return case.against_file(samples) or case.against_scene(samples)
    verdict = case.against_scene(samples)  # the Position pass is another decoding of the file
    if verdict.fault is not Fault.NOT_CHECKED:
        return verdict
    return case.against_file(samples) or verdict


@dataclass(frozen=True, eq=False)
class _Case:
    context: bpy.types.Context
    subject: Subject
    camera: Camera
    options: CheckOptions

    def diagnose(
        self,
        samples: Samples,
        truth: Array | SceneCaster,
        labels: list[str] | None = None,
        against: str = "the scene",
        with_candidates: bool = True,
    ) -> Verdict:
        shot, scene = self.subject.shot, self.context.scene
        candidates = candidate_cameras(self.context, shot, self.camera) if with_candidates else ()
        return diagnose(
            samples,
            self.camera,
            truth,
            candidates=candidates,
            camera_name=shot.camera_name,
            labels=labels,
            jitter=_JITTER.get(shot.engine, _JITTER_OF_OTHERS),
            length=lambda value: units.length_text(scene, value, 3),
            against=against,
        )

    def against_position(self, samples: Samples, position: Array) -> Verdict:
        """Against the Position pass, shape (H, W, 3), of the same pixels as the depth."""
        window = self.subject.depth.window
        columns, rows = (np.floor(samples.pixels) - (window.x, window.y)).astype(np.intp).T
        truth = position[rows, columns].astype(np.float64)
        return self.diagnose(samples, truth, against="the Position pass")

    def against_file(self, samples: Samples) -> Verdict | None:
        """Against the Position pass of the file; None if it has none, or one that is too large."""
        layers, most = self.subject.layers, self.options.most_pixels
        too_large = most is not None and self.subject.depth.values.size > most
        if layers is None or too_large:
            return None
        try:
            position = read_layer(layers.info, layers.info.position_layer(layers.depth))
        except (FileError, LayerError):
            return None
        return self.against_position(samples, position)

    def against_scene(self, samples: Samples) -> Verdict:
        scene, frame = self.context.scene, self.subject.shot.frame
        if frame != scene.frame_current and not self.options.any_frame:
            return not_checked(
                f"the image is of frame {frame}, and the scene is at {scene.frame_current}; press "
                "Check"
            )
        with scene_at_frame(self.context, frame) as depsgraph:
            caster = SceneCaster(depsgraph, self.options.most_faces)
            if not caster.names:
                return not_checked("the scene shows no meshes in renders")
            view_layer = self.context.view_layer
            seen = compare_with_scene(caster, view_layer, self.camera, samples)
            if len(seen.samples) < _LEAST:
                return not_checked(seen.obstacle)
            first = self.diagnose(seen.samples, seen.points, seen.labels, with_candidates=False)
            if first.fault is Fault.RIGHT and first.before.outliers <= _FEW:
                return first
            return self.diagnose(seen.samples, caster, seen.labels)
