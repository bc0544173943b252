"""Attributes of points: their pixels, their depth, and the values of passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.image import DepthImage
from ..errors import LayerError
from ..exr.pass_names import NORMAL
from ..exr.passes import Pass, PassKind, attributes_of, values_at
from ..geometry.continuity import Continuity
from ..geometry.normals import normals_of
from ..geometry.voxels import Merging
from ..support.vectors import unit
from .source import Pixels, Source

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Attribute:
    """A value for each point.

    Attributes
    ----------
    name : str
    values : ndarray, shape (N,) or (N, k), int32 or float32
    kind : PassKind
        What the numbers mean.
    names : mapping of int to str
        For ids: the name that each stands for.
    """

    name: str
    values: Array
    kind: PassKind = PassKind.PLAIN
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ColorImage:
    """The colors of the pixels that were read from a source.

    Attributes
    ----------
    attribute : str
        Name of the attribute that they become.
    pixels : ndarray, shape (H, W, 3) or (H, W, 4)
        Linear, rows from the top.
    depth : DepthImage
        Its window says where the pixels lie within the image.
    """

    attribute: str
    pixels: Array
    depth: DepthImage


@dataclass(frozen=True, eq=False)
class Attributes:
    """The attributes of all points, each computed on demand.

    Together they would take several times the memory of the points.
    """

    pixels: Pixels
    merging: Merging

    def __iter__(self) -> Iterator[Attribute]:
        """Compute one attribute after the other: pixel, depth, depth error, then the passes."""
        merging, pixels = self.merging, self.pixels
        yield Attribute("pixel", merging.reduce(merging.selection.pixels()))
        yield Attribute("depth", self.depth())
        if pixels.error is not None:
            yield Attribute("depth_error", merging.reduce(merging.selection.take(pixels.error)))
        for one, image in pixels.passes:
            yield from self._of_pass(one, image)

    def __getitem__(self, name: str) -> Array:
        """The values of an attribute, by its name.

        Raises
        ------
        LayerError
            There is no such attribute.
        """
        names = []
        for attribute in self:
            if attribute.name == name:
                return attribute.values
            names.append(attribute.name)
        raise LayerError(
            f"The points have no attribute {name}; they have {', '.join(names)}. Choose its pass "
            "with the option passes."
        )

    def depth(self) -> Array:
        """The depth of each point, shape (N,), float32."""
        return self.merging.reduce(self.merging.selection.take(self.pixels.depth.values))

    def color(self) -> ColorImage | None:
        """The first color among the passes, if there is one."""
        for one, image in self.pixels.passes:
            if one.kind is PassKind.COLOR:
                return ColorImage(one.attribute, image, self.pixels.depth)
        return None

    def _of_pass(self, one: Pass, image: Array) -> Iterator[Attribute]:
        values = self.merging.reduce(values_at(one, image, self.merging.selection))
        if one.kind is PassKind.NORMAL and self.merging.voxels is not None:
            values = unit(values)  # the mean of unit vectors is shorter than 1
        names = one.names_of(values) if one.ids else {}
        for name, each in attributes_of(one, values).items():
            yield Attribute(name, each, one.kind, names)


def with_normals(source: Source, pixels: Pixels) -> Pixels:
    """Add normals of all pixels, computed from depth, unless a Normal pass is among the passes.

    All pixels are used, because neighbors that filters leave out lie on the same surface.
    """
    if any(one.kind is PassKind.NORMAL for one, _ in pixels.passes):
        return pixels
    cloud = source.points(pixels.depth, pixels)
    image = np.zeros((*pixels.depth.values.shape, 3), np.float32)
    continuity = Continuity(pixel_type=source.pixel_type, encoding=source.encoding_of(pixels))
    image[cloud.selection.mask] = normals_of(cloud, source.viewpoint, continuity)
    made = Pass(NORMAL, NORMAL, source.layers.depth, PassKind.NORMAL)
    return replace(pixels, passes=(*pixels.passes, (made, image)))
