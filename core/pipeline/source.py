"""Sources: a file's chosen layers, with the camera that took them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.viewpoint import Viewpoint
from ..depth.encoding import DepthEncoding
from ..depth.image import DepthImage, PixelType
from ..depth.mirroring import Mirroring
from ..depth.precision import depth_error
from ..errors import DepthError
from ..exr.layers import ExrInfo, Layer
from ..exr.pass_names import COMBINED
from ..exr.passes import Pass, choose_passes
from ..exr.regions import RegionLayer, region_layer
from ..exr.sidecar import shot_metadata_of
from ..files.checks import check_distances, check_explained, says_color_space
from ..files.reader import checked_depth, read_info, read_layers
from ..geometry.backprojection import PointCloud, Selection, backproject
from .file_camera import camera_for_image, camera_of_file, image_size, shot_of_metadata
from .focal_length import with_focal_length
from .notes import Note, warning
from .options import PointsFrom, ReconstructionOptions
from .shot import Basis, Shot

Array = NDArray[Any]

_DEFAULTS = ReconstructionOptions()

MAY_BE_SRGB = (
    "The file does not say whether they are distances or sRGB colors, which bend what is flat: if "
    "it is an image that was saved in Blender, its color space must have been Non-Color."
)


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of a file that a reconstruction reads.

    Attributes
    ----------
    info : ExrInfo
    depth : Layer
    position : Layer, optional
        The Position pass, if the points come from it.
    passes : tuple of Pass
        The passes that become attributes of the points.
    region : RegionLayer, optional
        The layer that decides which pixels belong to the region.
    notes : tuple of Note
        Choices that the user should know of.
    encoding : DepthEncoding, optional
        What the numbers of the depth stand for, if they are not distances in scene units.
    allow_any_depth : bool
        Whether to use depth that looks like a picture of distances.
    mirroring : Mirroring
        How all layers have to be mirrored.
    """

    info: ExrInfo
    depth: Layer
    position: Layer | None
    passes: tuple[Pass, ...]
    region: RegionLayer | None
    notes: tuple[Note, ...]
    encoding: DepthEncoding | None = None
    allow_any_depth: bool = False
    mirroring: Mirroring = field(default_factory=Mirroring)

    @property
    def points(self) -> Layer:
        """The layer that the points come from."""
        return self.position or self.depth


@dataclass(frozen=True, eq=False)
class Pixels:
    """The pixels that were read from a source.

    Attributes
    ----------
    depth : DepthImage
    position : ndarray, shape (H, W, 3), optional
    passes : tuple of (Pass, ndarray)
        The passes that become attributes, each with its pixels, shape (H, W) or (H, W, C).
    region : ndarray, shape (H, W) or (H, W, 2), optional
        Pixels of the layer that decides the region.
    error : ndarray, shape (H, W), float32, optional
        How far the depth may be off.
    """

    depth: DepthImage
    position: Array | None
    passes: tuple[tuple[Pass, Array], ...]
    region: Array | None
    error: Array | None


@dataclass(frozen=True, eq=False)
class Source:
    """What to read, and how it was taken, as plain data that outlives undo.

    Attributes
    ----------
    layers : Layers
    shot : Shot
    camera : Camera, optional
        None if the points come from the Position pass and the lens has no model.
    viewpoint : Viewpoint
        Where the rays of the image start.
    notes : tuple of Note
    """

    layers: Layers
    shot: Shot
    camera: Camera | None
    viewpoint: Viewpoint
    notes: tuple[Note, ...]

    @property
    def pixel_type(self) -> PixelType:
        """The type of the stored numbers that the points are computed from."""
        return self.layers.points.pixel_type

    def encoding_of(self, pixels: Pixels) -> DepthEncoding | None:
        """How stored numbers became distances; None if they were distances or positions."""
        return None if self.layers.position else pixels.depth.encoding

    def read_depth(self) -> DepthImage:
        """Read the depth alone, as distances.

        Raises
        ------
        DepthError
            For the reasons of `core.read_depth`, or disparity lacks a perspective camera.
        """
        layers = self.layers
        check_distances(layers.info, layers.depth, layers.allow_any_depth)
        return self._depth_of(read_layers(layers.info, [layers.depth])[0])

    def read(self, with_error: bool = False) -> Pixels:
        """Read all layers in one call, because they may share blocks of the file.

        Parameters
        ----------
        with_error : bool
            Whether to compute how far the depth may be off.

        Raises
        ------
        DepthError
            For the reasons of `read_depth`.
        """
        layers = self.layers
        carried = [each.layer for each in layers.passes]
        region = layers.region.layer if layers.region else None
        present = [each for each in (*carried, region, layers.position, layers.depth) if each]
        check_distances(layers.info, layers.depth, layers.allow_any_depth)
        stored = dict(zip(present, read_layers(layers.info, present), strict=True))
        depth = self._depth_of(stored[layers.depth])
        pixels = {each: layers.mirroring.apply(image) for each, image in stored.items()}
        return Pixels(
            depth,
            pixels[layers.position] if layers.position else None,
            tuple((each, pixels[each.layer]) for each in layers.passes),
            pixels[region] if region else None,
            depth_error(depth) if with_error else None,
        )

    def _depth_of(self, pixels: Array) -> DepthImage:
        layers, kind = self.layers, self.shot.kind
        encoding = layers.encoding and with_focal_length(layers.encoding, self.camera, kind)
        depth = checked_depth(
            layers.info, layers.depth, pixels, kind, encoding, layers.allow_any_depth
        )
        return layers.mirroring.apply_to_depth(depth)

    def points(self, depth: DepthImage, pixels: Pixels) -> PointCloud:
        """Return the points of the valid pixels, from the Position pass if it was read."""
        if pixels.position is not None:
            selection = Selection(depth.valid, depth.window)
            return PointCloud(selection.take(pixels.position), selection)
        if self.camera is None:
            raise DepthError("There is no camera to back-project the depth with; pass a Camera.")
        return backproject(depth, self.camera)


def source_from_file(
    path: str | os.PathLike[str],
    camera: Camera | None = None,
    options: ReconstructionOptions = _DEFAULTS,
) -> Source:
    """Choose the layers of a file that a given camera took, or the one that the file describes.

    Parameters
    ----------
    path : path
    camera : Camera, optional
        Its lens has the image's size. If not given, as of `camera_of_file`.
    options : ReconstructionOptions
        They must give the kind of the depth, unless the file describes how it was rendered.

    Raises
    ------
    DepthError
        Neither the options nor the file give the kind of the depth or the camera, or the file
        cannot be used.
    """
    info = read_info(path)
    metadata = shot_metadata_of(info) if camera is None or options.depth_kind is None else None
    if metadata is None and options.depth_kind is None:
        raise DepthError(
            "The kind of the depth is not given, and the file does not say it; pass "
            "depth_kind=DepthKind.PLANAR, or DepthKind.RAY for distances along each pixel's ray."
        )
    # The file of a single view of a stereo render may not name it, and holds no other.
    is_one_view = metadata is not None and not info.views
    layers = choose_layers(info, replace(options, view="") if is_one_view else options)
    view = layers.depth.view or options.view
    if metadata is None:
        camera = camera or camera_of_file(path, view)
        assert options.depth_kind is not None
        shot = Shot(options.depth_kind, view=view)
    else:
        described = metadata.view_shot(view, info.path)
        shot = shot_of_metadata(metadata, described, options.depth_kind)
        if camera is None:
            camera = camera_for_image(described.camera, image_size(info))
        else:
            basis = replace(shot.basis, camera=Basis.CHOSEN, pose=Basis.CHOSEN)
            shot = replace(shot, basis=basis, camera_name="")
    return Source(layers, shot, camera, Viewpoint.of(camera), layers.notes)


def choose_layers(info: ExrInfo, options: ReconstructionOptions, view_layer: str = "") -> Layers:
    """Choose the layers that the options ask for.

    Parameters
    ----------
    info : ExrInfo
    options : ReconstructionOptions
    view_layer : str
        Name of the view layer to prefer where the file holds the depth of several.

    Raises
    ------
    DepthError
        There is no such layer or view, or several layers fit; or the file is not OpenEXR, and the
        options do not say what its numbers stand for.
    """
    check_explained(info, options.encoding, options.depth_kind)
    depth, notes = _choose_depth(info, options, view_layer)
    from_position = options.points_from is PointsFrom.POSITION
    passes, pass_notes = _choose_passes(info, depth, options.passes)
    return Layers(
        info=info,
        depth=depth,
        position=info.position_layer(depth) if from_position else None,
        passes=passes,
        region=region_layer(options.region.kind, info, depth),
        notes=(*notes, *pass_notes),
        encoding=options.encoding,
        allow_any_depth=options.allow_any_depth,
        mirroring=Mirroring(options.flip_x, options.flip_y),
    )


def _choose_depth(
    info: ExrInfo, options: ReconstructionOptions, view_layer: str
) -> tuple[Layer, tuple[Note, ...]]:
    """Choose the depth layer; in a stereo file, of the first view unless one is requested."""
    notes = []
    candidates = info.depth_layers()
    name, view = options.layer, options.view
    preferred = f"{view_layer}.Depth"
    labels = {each.label for each in candidates}
    if not name and len(labels) > 1 and preferred in labels:
        name = preferred
        notes.append(Note(f"The file holds several depth layers: used {preferred}."))
    views = {each.view for each in candidates}
    if not view and len(views) > 1:
        view = next(each for each in info.views if each in views)
        notes.append(Note(f"The file holds the views {', '.join(info.views)}: used {view}."))
    depth = info.depth_layer(name, view)
    if depth.is_color:
        notes.append(_gray_note(info, depth))
    return depth, tuple(notes)


def _gray_note(info: ExrInfo, depth: Layer) -> Note:
    text = f"{depth.label} was used as depth, as its R, G, and B are equal."
    return Note(text) if says_color_space(info) else warning(f"{text} {MAY_BE_SRGB}")


def _choose_passes(
    info: ExrInfo, depth: Layer, names: tuple[str, ...]
) -> tuple[tuple[Pass, ...], tuple[Note, ...]]:
    """Choose the passes, but leave out a color that covers other pixels than the depth.

    The color is requested by default, so this is no error.
    """
    color = info.color_layer(depth)
    if COMBINED not in names or color is None or color.window == depth.window:
        return choose_passes(info, depth, names), ()
    others = [each for each in names if each != COMBINED]
    note = f"{color.label} covers other pixels than {depth.label}: left the color out."
    return choose_passes(info, depth, others), (warning(note),)
