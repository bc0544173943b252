"""Checks a source's depth against the truth that is at hand, and says what was found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Self

import bpy
import numpy as np
from numpy.typing import NDArray

from ...core.cameras.camera import Camera
from ...core.check.appearance import hints_of
from ...core.check.evidence import Evidence
from ...core.check.fault import Fault
from ...core.check.residuals import Residuals
from ...core.check.samples import Samples, choose_samples
from ...core.check.truth import Candidate, Truth
from ...core.check.verdict import Verdict, diagnose, not_checked
from ...core.depth.image import DepthImage
from ...core.errors import FileError, LayerError
from ...core.exr.reader import read_layer
from ...core.pipeline.choose_layers import Layers
from ...core.pipeline.shot import Shot
from ...core.pipeline.source import Pixels, Source
from ...core.support.vectors import lengths
from .. import units
from ..cameras.lens import CYCLES
from .boxes import Boxes
from .candidates import candidate_cameras
from .caster import SceneCaster
from .comparable import MANY_FACES, compare_with_scene
from .numbers import what_matters
from .scene_at_frame import is_cheap, scene_at_frame
from .worker import AskingCaster, Here, Worker

Array = NDArray[np.float64]

SAMPLES_BY_ITSELF = 400
"""Pixels that are looked at after each reconstruction."""

FACES_BY_ITSELF = 150_000
"""Faces of the scene that rays are cast at without being asked: they cost 0.1 s the first time."""

OBJECTS_BY_ITSELF = 6_000
"""Objects and instances of the scene that are looked at without being asked."""

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
    most_objects : int, optional
        Objects and instances of the scene that may be looked at.
    most_pixels : int, optional
        Pixels of the Position pass that may be read.
    is_thorough : bool
        Whether somebody asked for it, and waits.
    """

    count: int = SAMPLES_BY_ITSELF
    most_faces: int | None = FACES_BY_ITSELF
    most_objects: int | None = OBJECTS_BY_ITSELF
    most_pixels: int | None = PIXELS_BY_ITSELF
    is_thorough: bool = False


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
THOROUGH = CheckOptions(
    count=20_000, most_faces=None, most_objects=None, most_pixels=None, is_thorough=True
)


@dataclass(frozen=True, eq=False)
class Compared:
    """Pixels that were compared, one by one.

    Attributes
    ----------
    samples : Samples
    residuals : Residuals
        How far each is off.
    labels : list of str
        Name of the object that each shows; empty for none, or where that is not known.
    least : float
        Length below which no error matters, in scene units.
    """

    samples: Samples
    residuals: Residuals
    labels: list[str]
    least: float

    def outlying_objects(self, most: int = 3) -> tuple[str, ...]:
        """The objects that most outliers fall on, those with the most first."""
        wrong = self.residuals.counted & ~self.residuals.agrees
        names = Counter(self.labels[index] for index in np.flatnonzero(wrong))
        return tuple(name for name, _ in names.most_common(most + 1) if name)[:most]


@dataclass(frozen=True, eq=False)
class Checked:
    """What a check found, and the pixels that it compared; None where there was no truth."""

    verdict: Verdict
    compared: Compared | None = None


def check(
    context: bpy.types.Context,
    subject: Subject,
    options: CheckOptions = BY_ITSELF,
    depsgraph: bpy.types.Depsgraph | None = None,
    worker: Worker | None = None,
) -> Checked:
    """Say whether the points of a depth image are right, and if not, what is wrong.

    The truth is the Position pass where there is one, else what rays hit in the scene.

    Parameters
    ----------
    context : bpy.types.Context
    subject : Subject
    options : CheckOptions
    depsgraph : bpy.types.Depsgraph, optional
        Of the scene at the frame of the image, evaluated; None for the present frame.
    worker : Worker, optional
        Does what touches Blender, if the check runs in another thread.
    """
    checked = _compared_with_truth(context, subject, options, depsgraph, worker)
    if checked.verdict.fault is not Fault.NOT_CHECKED:
        return checked
    hints = hints_of(subject.depth, subject.shot.clip, subject.camera)
    text = " ".join((checked.verdict.text, *(f"{hint[0].upper()}{hint[1:]}." for hint in hints)))
    return replace(checked, verdict=replace(checked.verdict, text=text))


def _compared_with_truth(
    context: bpy.types.Context,
    subject: Subject,
    options: CheckOptions,
    depsgraph: bpy.types.Depsgraph | None,
    worker: Worker | None,
) -> Checked:
    if subject.camera is None:
        return Checked(not_checked("the lens of the camera has no model here"))
    samples = choose_samples(subject.depth, options.count)
    if len(samples) < _LEAST:
        return Checked(not_checked(f"only {len(samples)} pixels hold a depth"))
    case = _Case(context, subject, subject.camera, options, depsgraph, worker or Here())
    if subject.position is not None:
        return case.against_position(samples, subject.position)
    frame = subject.shot.frame
    if depsgraph is None and frame != context.scene.frame_current and is_cheap(context):
        with scene_at_frame(context, frame) as other:
            return _compared_with_truth(context, subject, options, other, worker)
    if options.is_thorough:
        return case.against_file(samples) or case.against_scene(samples)
    checked = case.against_scene(samples)  # the Position pass is another decoding of the file
    if checked.verdict.fault is not Fault.NOT_CHECKED:
        return checked
    return case.against_file(samples) or checked


@dataclass(frozen=True, eq=False)
class _Case:
    context: bpy.types.Context
    subject: Subject
    camera: Camera
    options: CheckOptions
    depsgraph: bpy.types.Depsgraph | None
    worker: Worker

    @property
    def jitter(self) -> float:
        return _JITTER.get(self.subject.shot.engine, _JITTER_OF_OTHERS)

    def diagnose(
        self,
        samples: Samples,
        truth: Array | AskingCaster,
        points: Array,
        labels: list[str] | None = None,
        against: str = "the scene",
        with_candidates: bool = True,
    ) -> Verdict:
        shot, ask = self.subject.shot, self.worker.ask
        least = self.least(points)
        candidates: tuple[Candidate, ...] = ()
        if with_candidates:
            candidates = ask(lambda: candidate_cameras(self.context, shot, self.camera))
        return diagnose(
            samples,
            self.camera,
            truth,
            candidates=candidates,
            camera_name=shot.camera_name,
            labels=labels,
            jitter=self.jitter,
            length=lambda value: ask(lambda: units.error_text(self.context.scene, value, least)),
            against=against,
        )

    def least(self, points: Array) -> float:
        """Length below which an error of points does not matter."""
        return what_matters(lengths(points - self.camera.matrix[:3, 3]))

    def compared(self, samples: Samples, points: Array, labels: list[str]) -> Compared:
        truth = Truth.of(points, len(samples))
        residuals = Evidence(samples, self.camera, truth, self.jitter).as_is
        return Compared(samples, residuals, labels, self.least(points))

    def against_position(self, samples: Samples, position: Array) -> Checked:
        """Against the Position pass, shape (H, W, 3), of the same pixels as the depth."""
        window = self.subject.depth.window
        columns, rows = (np.floor(samples.pixels) - (window.x, window.y)).astype(np.intp).T
        truth = position[rows, columns].astype(np.float64)
        verdict = self.diagnose(samples, truth, truth, against="the Position pass")
        return Checked(verdict, self.compared(samples, truth, [""] * len(samples)))

    def against_file(self, samples: Samples) -> Checked | None:
        """Against the Position pass of the file; None if it has none, or one that is too large."""
        layers, most = self.subject.layers, self.options.most_pixels
        too_large = most is not None and self.subject.depth.values.size > most
        if layers is None or too_large:
            return None
        try:
            position = read_layer(layers.info, layers.info.position_layer(layers.depth))
        except (FileError, LayerError):
            return None
        return self.against_position(samples, layers.mirroring.apply(position))

    def against_scene(self, samples: Samples) -> Checked:
        caster, unhit = self.worker.ask(self._look_at_scene)
        if caster is None:
            return self._at_another_frame()
        if not caster.caster.is_complete:
            return Checked(not_checked("the scene has many objects; press Check"))
        if not caster.caster.names:
            return Checked(not_checked("the scene shows no meshes in renders"))
        seen = compare_with_scene(caster, unhit, self.camera, samples)
        if len(seen.samples) < _LEAST:
            return Checked(not_checked(seen.obstacle))
        first = self.diagnose(
            seen.samples, seen.points, seen.points, seen.labels, with_candidates=False
        )
        compared = self.compared(seen.samples, seen.points, seen.labels)
        if first.fault is Fault.RIGHT and first.before.outliers <= _FEW:
            if seen.unanswered > len(seen.samples):
                return Checked(not_checked(MANY_FACES))
            return Checked(first, compared)
        self.worker.advance("Looking for what is wrong", 0.5)
        return Checked(self.diagnose(seen.samples, caster, seen.points, seen.labels), compared)

    def _look_at_scene(self) -> tuple[AskingCaster | None, Boxes | None]:
        depsgraph = self.depsgraph
        if depsgraph is None:
            if self.subject.shot.frame != self.context.scene.frame_current:
                return None, None
            depsgraph = self.context.evaluated_depsgraph_get()
        caster = SceneCaster(depsgraph, self.options.most_faces, self.options.most_objects)
        unhit = caster.unhit(self.context.view_layer)
        return AskingCaster(caster, self.worker, self.options.count), unhit

    def _at_another_frame(self) -> Checked:
        frame, present = self.subject.shot.frame, self.context.scene.frame_current
        return Checked(
            not_checked(
                f"the image is of frame {frame}, and the scene is at {present}; press Check"
            )
        )
