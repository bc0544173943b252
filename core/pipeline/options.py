"""What to reconstruct, and how: everything that a user can choose."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..depth.encoding import DepthEncoding
from ..depth.image import DepthKind, Window
from ..errors import DepthError
from ..exr.pass_names import COMBINED
from ..exr.regions import RegionKind

Array = NDArray[Any]


class PointsFrom(enum.Enum):
    """Where the points come from."""

    AUTOMATIC = "automatic"
    """The Position pass of a renderer whose depth is not that of the pixel's center, else depth."""

    DEPTH = "depth"
    """Depth, back-projected through the camera."""

    POSITION = "position"
    """The Position pass, as the renderer wrote it."""


class Output(enum.Enum):
    """What the points become."""

    POINTS = "points"
    SURFACE = "surface"
    POINT_CLOUD = "point cloud"
    """Points with the radius of their pixels."""


@dataclass(frozen=True)
class Border:
    """A render border, as fractions of the image from its lower left corner.

    Attributes
    ----------
    left, right, bottom, top : float
    cropped_size : tuple of int, optional
        Width and height of a render that is cropped to the border. An image of this size is the
        border itself, not a whole image.
    """

    left: float
    right: float
    bottom: float
    top: float
    cropped_size: tuple[int, int] | None = None

    def window(self, width: int, height: int) -> Window:
        """The pixels within the border, in an image of some size.

        Blender multiplies in float32 before it truncates.
        """
        if self.cropped_size == (width, height):
            return Window(0, 0, width, height)
        edges = np.array([self.left, self.right, self.bottom, self.top], np.float32)
        sizes = np.array([width, width, height, height], np.float32)
        left, right, bottom, top = (int(edge) for edge in edges * sizes)
        return Window(left, height - top, right - left, top - bottom)


@dataclass(frozen=True, eq=False)
class Region:
    """The pixels to use.

    Attributes
    ----------
    kind : RegionKind
        Decides which of the following are used.
    window : Window, optional
        Of a BOX.
    border : Border, optional
        Of a BORDER.
    mask : ndarray, shape (H, W), float32, optional
        Of a MASK: the pixels where it is at least one half. Rows from the top.
    index : int
        Of an OBJECT_INDEX or MATERIAL_INDEX.
    name : str
        Of an OBJECT, MATERIAL, or ASSET; of a MASK its name, for messages.
    """

    kind: RegionKind = RegionKind.ALL
    window: Window | None = None
    border: Border | None = None
    mask: Array | None = None
    index: int = 0
    name: str = ""

    @property
    def title(self) -> str:
        """What to call the region in a message, as in ``the object Suzanne``."""
        if self.kind in (RegionKind.OBJECT_INDEX, RegionKind.MATERIAL_INDEX):
            return f"{self.kind.value} {self.index}"
        return f"{self.kind.value} {self.name}".strip()


@dataclass(frozen=True, eq=False)
class Bounds:
    """The bounding box of an object, which may be turned, scaled, and sheared.

    Attributes
    ----------
    name : str
        Of the object, for messages.
    matrix : ndarray, shape (4, 4), float64
        Takes the cube from 0 to 1 on each axis to the box in world space.
    """

    name: str
    matrix: Array


@dataclass(frozen=True, eq=False)
class ReconstructionOptions:
    """What to reconstruct, and how.

    Attributes
    ----------
    layer, view : str
        Depth layer and stereo view of the file; empty to choose them.
    points_from : PointsFrom
    depth_kind : DepthKind, optional
        What the depth measures; None where whoever finds the camera knows it.
    encoding : DepthEncoding, optional
        What the numbers of the depth stand for; None for distances in scene units, which only
        OpenEXR is taken to hold.
    allow_any_depth : bool
        Whether to accept what looks like a picture of depth: normalized, of 8 bits, or in the
        colors of a display.
    flip_x, flip_y : bool
        Whether to mirror all layers of the file left to right, top to bottom.
    passes : tuple of str
        Names of the passes that become attributes.
    normals_from_depth : bool
        Whether to find normals from depth, unless a Normal pass is among the passes.
    depth_error : bool
        Whether to store how far the depth of each point may be off.
    use_clip : bool
        Whether to leave out depth beyond the camera's clip range, where that is known.
    near, far : float, optional
        Depth to leave out, below `near` and from `far` on, in scene units.
    remove_flying : bool
        Whether to leave out flying pixels.
    region : Region
    bounds : Bounds, optional
        The box that the points must lie in.
    stride : int
        Use every n-th pixel of every n-th row.
    max_points : int, optional
        Raise the stride until there are at most so many points.
    voxel_size : float, optional
        Edge of the voxels in which points are merged, in scene units.
    output : Output
    grazing_angle : float
        Of a surface: radians between the line of sight and the surface's normal up to which a step
        in depth alone may be a face.
    max_jump : float
        Of a surface: distance along the line of sight that neighbors may be apart, in scene units.

    Raises
    ------
    DepthError
        A surface is asked for of points that are merged in voxels.
    """

    layer: str = ""
    view: str = ""
    points_from: PointsFrom = PointsFrom.AUTOMATIC
    depth_kind: DepthKind | None = None
    encoding: DepthEncoding | None = None
    allow_any_depth: bool = False
    flip_x: bool = False
    flip_y: bool = False
    passes: tuple[str, ...] = (COMBINED,)
    normals_from_depth: bool = False
    depth_error: bool = False
    use_clip: bool = True
    near: float | None = None
    far: float | None = None
    remove_flying: bool = False
    region: Region = field(default_factory=Region)
    bounds: Bounds | None = None
    stride: int = 1
    max_points: int | None = None
    voxel_size: float | None = None
    output: Output = Output.POINTS
    grazing_angle: float = math.radians(85.0)
    max_jump: float = math.inf

    def __post_init__(self) -> None:
        """Check that the options go together."""
        check_output(self.output, self.voxel_size)


def check_output(output: Output, voxel_size: float | None) -> None:
    """Raise `DepthError` where an output cannot be made of points merged in voxels."""
    if output is Output.SURFACE and voxel_size:
        raise DepthError(
            "Merged points have no neighbors to make a surface with: set Voxel Size to 0, or "
            "Output to Points."
        )
