"""What a reconstruction starts from: the layers of a file, and the camera that took them."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.cameras.camera import Camera
from ...core.depth.image import DepthImage, PixelType
from ...core.depth.precision import depth_error
from ...core.errors import LayerError
from ...core.exr.layers import ExrInfo, Layer
from ...core.exr.passes import COMBINED, Pass, choose_passes, split_names
from ...core.exr.reader import read_depth, read_info, read_layers
from ...core.exr.regions import RegionLayer, region_layer
from ...core.geometry.backprojection import PointCloud, Selection, backproject
from ..cameras.shot import Shot, camera_of_shot, find_shot, motion_blur_note
from ..cameras.stereo import view_in_file
from ..renders.history import last_render, metadata_of_render

NO_DEPTH_PASS = (
    "The Render Result has no depth, it was rendered without the Depth pass or by the sequencer; "
    "press Render and Reconstruct, which sees to both, or enable the pass in View Layer Properties "
    "> Passes > Data (Depth or Z) and render again."
)

HALF_POSITION = (
    "{} holds 16-bit numbers, which round coordinates to a thousandth of their distance from the "
    "origin: for finer points, save it as 32-bit float, or take the points from depth."
)


@dataclass(frozen=True, eq=False)
class Pixels:
    """What was read.

    Attributes
    ----------
    depth : DepthImage
    position : ndarray, shape (H, W, 3), optional
    passes : tuple of (Pass, ndarray)
        The passes to carry, each with its pixels, shape (H, W) or (H, W, C).
    region : ndarray, shape (H, W) or (H, W, 2), optional
        Of the layer that the region is told by.
    error : ndarray, shape (H, W), float32, optional
        How far the depth may be off.
    """

    depth: DepthImage
    position: np.ndarray | None
    passes: tuple[tuple[Pass, np.ndarray], ...]
    region: np.ndarray | None
    error: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Source:
    """What to read and how it was taken, in plain data that outlives undo.

    Attributes
    ----------
    info : ExrInfo
    depth, position : Layer
        Without a position, the points come from depth.
    passes : tuple of Pass
        What the points carry as attributes.
    region : RegionLayer, optional
        What the region is told by.
    with_error : bool
        Whether the points carry how far their depth may be off.
    shot : Shot
    camera : Camera, optional
        None where the position needs none.
    notes : tuple of str
        A sentence for each thing that is worth saying.
    """

    info: ExrInfo
    depth: Layer
    position: Layer | None
    passes: tuple[Pass, ...]
    region: RegionLayer | None
    with_error: bool
    shot: Shot
    camera: Camera | None
    notes: tuple[str, ...]

    @property
    def pixel_type(self) -> PixelType:
        """What the places of the points were stored as."""
        return (self.position or self.depth).pixel_type

    def read(self) -> Pixels:
        """Read the layers, together, as they may lie in the same blocks of the file."""
        carried = [each.layer for each in self.passes]
        region = self.region.layer if self.region else None
        # Depth last: it is asked for once more, and the cache keeps the end of what is too much.
        present = [each for each in (*carried, region, self.position, self.depth) if each]
        pixels = dict(zip(present, read_layers(self.info, present), strict=True))
        depth = read_depth(self.info, self.depth, kind=self.shot.kind)
        passes = tuple((each, pixels[each.layer]) for each in self.passes)
        error = depth_error(depth) if self.with_error else None
        return Pixels(depth, pixels.get(self.position), passes, pixels.get(region), error)

    def points(self, depth: DepthImage, pixels: Pixels) -> PointCloud:
        """The points of the valid pixels: as the renderer wrote them, where it did."""
        if pixels.position is None:
            return backproject(depth, self.camera)
        selection = Selection(depth.valid, depth.window)
        return PointCloud(selection.take(pixels.position), selection)


def find_source(
    context: bpy.types.Context,
    options: bpy.types.bpy_struct,
    camera_name: str,
    filepath: str,
    path: str,
) -> Source:
    """Choose the layers of a file and find the camera that took them.

    Parameters
    ----------
    context : bpy.types.Context
    options : bpy.types.bpy_struct
        An operator, or the scene's settings: what has the properties of `ReconstructionOptions`.
    camera_name : str
        Camera to use; empty takes the one stamped into the file, else the scene's.
    filepath : str
        Empty for the Render Result.
    path : str
        The file, which for the Render Result is a temporary one.

    Raises
    ------
    DepthError
        The file cannot be used, or there is no such layer, view or camera.
    """
    info = read_info(path)
    if not filepath and not any(each.title == "Depth" for each in info.layers):
        raise LayerError(NO_DEPTH_PASS)
    depth, notes = _depth_layer(context, options, info)
    position = info.position_layer(depth) if options.points_from == "POSITION" else None
    passes, pass_notes = _passes(info, depth, split_names(options.passes))
    metadata = info.attributes if filepath else metadata_of_render(context.scene, info.attributes)
    view = depth.view or options.view
    shot = find_shot(context, metadata, camera_name, options.depth_kind, view, filepath)
    if position is not None:
        blur = motion_blur_note(context.scene.render, shot.engine)
        coarse = HALF_POSITION.format(position.label) if position.pixel_type == "half" else ""
        camera, camera_notes = None, tuple(filter(None, (blur, coarse)))
    else:
        size = (info.display_window.width, info.display_window.height)
        camera, camera_notes = camera_of_shot(context, shot, size, options.ignore_aspect)
        if not filepath and not camera_name:
            camera, moved_note = _as_rendered(camera, shot.view)
            camera_notes += moved_note
    return Source(
        info=info,
        depth=depth,
        position=position,
        passes=passes,
        region=region_layer(options.region, info, depth),
        with_error=options.depth_error,
        shot=shot,
        camera=camera,
        notes=(*shot.notes, *camera_notes, *notes, *pass_notes),
    )


def _passes(
    info: ExrInfo, depth: Layer, names: tuple[str, ...]
) -> tuple[tuple[Pass, ...], tuple[str, ...]]:
    """The passes to carry; without the color, which may be asked for by default, if it misfits."""
    color = info.color_layer(depth)
    if COMBINED not in names or color is None or color.window == depth.window:
        return choose_passes(info, depth, names), ()
    others = [each for each in names if each != COMBINED]
    note = f"{color.label} covers other pixels than {depth.label}: left the color out."
    return choose_passes(info, depth, others), (note,)


def _depth_layer(
    context: bpy.types.Context, options: bpy.types.bpy_struct, info: ExrInfo
) -> tuple[Layer, list[str]]:
    """Choose the layer; of a stereo file the first view, unless one is chosen."""
    notes = []
    candidates = info.depth_layers()
    name = options.layer
    view = view_in_file(context.scene.render, info.views, options.view)
    own = f"{context.view_layer.name}.Depth"
    labels = {each.label for each in candidates}
    if not name and len(labels) > 1 and own in labels:
        name = own
        notes.append(f"The file holds several depth layers: used {own}.")
    views = {each.view for each in candidates}
    if not view and len(views) > 1:
        view = next(each for each in info.views if each in views)
        notes.append(f"The file holds the views {', '.join(info.views)}: used {view}.")
    depth = info.depth_layer(name, view)
    if depth.is_color:
        notes.append(f"{depth.label} was taken for depth, as its R, G, and B are equal.")
    return depth, notes


def _as_rendered(camera: Camera, view: str) -> tuple[Camera, tuple[str, ...]]:
    """The camera as it was when the Render Result was rendered, if that was seen."""
    rendered = last_render()
    then = rendered.cameras.get(view) if rendered else None
    if then is None or (then.lens.width, then.lens.height) != (
        camera.lens.width,
        camera.lens.height,
    ):
        return camera, ()
    if then.lens == camera.lens and np.allclose(then.matrix, camera.matrix, rtol=0, atol=1e-6):
        return then, ()
    return then, ("The camera has changed since the render: used it as it was.",)
