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
    """The Position pass for engines whose depth is not that of the pixel's center, else depth.

    The file says which engine rendered it, or else Blender's scene. Without either, it is depth.
    """

    DEPTH = "depth"
    """Depth, back-projected through the camera."""

    POSITION = "position"
    """The Position pass, as the renderer wrote it."""


class Output(enum.Enum):
    """What the points become."""

    POINTS = "points"
    SURFACE = "surface"
    POINT_CLOUD = "point cloud"
    """Points, each as large as its pixel."""


@dataclass(frozen=True)
class Border:
    """A render border, as fractions of the image from its lower left corner.

    Attributes
    ----------
    left, right, bottom, top : float
    cropped_size : tuple of int, optional
        Width and height of a render that is cropped to the border. An image of this size is the
        border alone, not the whole frame.
    """

    left: float
    right: float
    bottom: float
    top: float
    cropped_size: tuple[int, int] | None = None

    def window(self, width: int, height: int) -> Window:
        """Return the pixels within the border of an image that has this size.

        Like Blender, this multiplies in float32 before it truncates.
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
        For BOX: the rectangle.
    border : Border, optional
        For BORDER: the render border.
    mask : ndarray, shape (H, W), float32, optional
        For MASK: pixels with a value of at least one half are used. Rows from the top.
    index : int
        For OBJECT_INDEX and MATERIAL_INDEX: the index.
    name : str
        For OBJECT, MATERIAL, and ASSET: the name. For MASK: the image's name, for messages.

    Raises
    ------
    DepthError
        The window, the border, or the mask of the kind is missing, or is given with another kind.
    """

    kind: RegionKind = RegionKind.ALL
    window: Window | None = None
    border: Border | None = None
    mask: Array | None = None
    index: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        """Check that there is what the kind needs, and nothing that it does not use."""
        for kind, name in (
            (RegionKind.BOX, "window"),
            (RegionKind.BORDER, "border"),
            (RegionKind.MASK, "mask"),
        ):
            if (getattr(self, name) is not None) != (self.kind is kind):
                raise DepthError(
                    f"The region's kind is {self.kind.name}; pass {name} with {kind.name}, and "
                    "with no other kind."
                )

    @property
    def title(self) -> str:
        """How a message refers to the region, such as ``the object Suzanne``."""
        if self.kind in (RegionKind.OBJECT_INDEX, RegionKind.MATERIAL_INDEX):
            return f"{self.kind.value} {self.index}"
        return f"{self.kind.value} {self.name}".strip()


@dataclass(frozen=True, eq=False)
class Bounds:
    """The bounding box of an object, which may be rotated, scaled, and sheared.

    Attributes
    ----------
    name : str
        Name of the object, for messages.
    matrix : ndarray, shape (4, 4), float64
        Maps the cube from 0 to 1 on each axis to the box in world space.
    """

    name: str
    matrix: Array


@dataclass(frozen=True, eq=False)
class ReconstructionOptions:
    """What to reconstruct, and how.

    Attributes
    ----------
    layer, view : str
        Depth layer and stereo view of the file; empty to choose them automatically.
    points_from : PointsFrom
    depth_kind : DepthKind, optional
        What the depth measures; None to decide by the camera and the render engine.
    encoding : DepthEncoding, optional
        What the numbers of the depth stand for; None for distances in scene units, which are
        assumed in OpenEXR files only.
    allow_any_depth : bool
        Whether to use depth that looks like a picture of distances: normalized, of 8 bits, or in
        the colors of a display.
    flip_x, flip_y : bool
        Whether to mirror all layers of the file left to right, top to bottom.
    passes : tuple of str
        Names of the passes that become attributes.
    normals_from_depth : bool
        Whether to compute normals from depth, unless a Normal pass is among the passes.
    depth_error : bool
        Whether to store how far the depth of each point may be off.
    use_clip : bool
        Whether to leave out depth beyond the camera's clip range, if that is known.
    near, far : float, optional
        Leave out depth below `near`, and depth of `far` or more, in scene units.
    remove_flying : bool
        Whether to leave out flying pixels.
    region : Region
    bounds : Bounds, optional
        The box that the points must lie in.
    stride : int
        Use every n-th pixel of every n-th row.
    max_points : int, optional
        Raise the stride until there are at most this many points.
    voxel_size : float, optional
        Edge of the voxels in which points are merged, in scene units.
    output : Output
    grazing_angle : float
        For a surface: the largest angle, in radians, between the line of sight and the surface's
        normal at which a step in depth alone may be a face.
    max_jump : float
        For a surface: the largest distance between neighbors along the line of sight, in scene
        units.

    Raises
    ------
    DepthError
        The output is a surface, and the points are merged in voxels; or the output, or what the
        points come from, is no member of its enumeration.
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
        """Check that the options are compatible."""
        for name, kind in (("output", Output), ("points_from", PointsFrom)):
            if not isinstance(getattr(self, name), kind):
                raise DepthError(
                    f"The option {name} is {getattr(self, name)!r}; pass a member of "
                    f"{kind.__name__}, such as {next(iter(kind))}."
                )
        check_output(self.output, self.voxel_size)


def check_output(output: Output, voxel_size: float | None) -> None:
    """Raise `DepthError` if the output cannot be made from points that are merged in voxels."""
    if output is Output.SURFACE and voxel_size:
        raise DepthError(
            "Merged points have no neighbors to make a surface with: set Voxel Size to 0, or "
            "Output to Points."
        )
