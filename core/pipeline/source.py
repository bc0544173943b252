"""Sources: a file's chosen layers, with the camera that took them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from ..cameras.camera import Camera
from ..cameras.viewpoint import Viewpoint
from ..depth.encoding import DepthEncoding
from ..depth.image import DepthImage, PixelType
from ..depth.precision import depth_error
from ..errors import CameraError, DepthError
from ..exr.layers import FileInfo
from ..exr.passes import Pass
from ..exr.shot_metadata import ShotMetadata
from ..exr.sidecar import shot_metadata_of
from ..files.checks import check_distances
from ..files.reader import checked_depth, read_info, read_layers
from ..geometry.backprojection import PointCloud, Selection, backproject
from .choose_layers import Layers, choose_layers, with_position
from .file_camera import camera_for_image, camera_of_file, image_size, shot_of_metadata
from .focal_length import with_focal_length
from .notes import Note, warning
from .options import ReconstructionOptions
from .shot import Basis, Shot

Array = NDArray[Any]

_DEFAULTS = ReconstructionOptions()


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
    needs_metadata = camera is None or options.depth_kind is None
    metadata, notes = _metadata(info, needs_metadata)
    if metadata is None and options.depth_kind is None:
        raise DepthError(
            "The kind of the depth is not given, and the file does not say it; pass "
            "depth_kind=DepthKind.PLANAR, or DepthKind.RAY for distances along each pixel's ray."
        )
    # The file of a single view of a stereo render may not name it, and holds no other.
    is_one_view = metadata is not None and not info.views
    layers = choose_layers(info, replace(options, view="") if is_one_view else options)
    layers = with_position(layers, options.points_from, metadata.engine if metadata else "")
    view = layers.depth.view or options.view
    if metadata is None or not needs_metadata:
        camera = camera or camera_of_file(path, view)
        assert options.depth_kind is not None
        shot = Shot(options.depth_kind, engine=metadata.engine if metadata else "", view=view)
    else:
        described = metadata.view_shot(view, info.path)
        shot = shot_of_metadata(metadata, described, options.depth_kind)
        if camera is None:
            camera = camera_for_image(described.camera, image_size(info))
        else:
            basis = replace(shot.basis, camera=Basis.CHOSEN, pose=Basis.CHOSEN)
            shot = replace(shot, basis=basis, camera_name="")
    return Source(layers, shot, camera, Viewpoint.of(camera), (*layers.notes, *notes))


def _metadata(info: FileInfo, is_needed: bool) -> tuple[ShotMetadata | None, tuple[Note, ...]]:
    """How the file says it was rendered; damage is a warning where everything needed is given."""
    try:
        return shot_metadata_of(info), ()
    except CameraError as error:
        if is_needed:
            raise
        return None, (warning(str(error)),)
