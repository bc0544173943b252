"""Choose the layers of a file that a reconstruction reads: which depth, and what beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..depth.encoding import DepthEncoding
from ..depth.mirroring import Mirroring
from ..errors import LayerError
from ..exr.layers import FileInfo, Layer
from ..exr.pass_names import COMBINED
from ..exr.passes import Pass, choose_passes
from ..exr.regions import RegionLayer, region_layer
from ..files.checks import check_explained, says_color_space
from ..files.info import ImageInfo
from .notes import Note, warning
from .options import PointsFrom, ReconstructionOptions
from .shot import CYCLES

MAY_BE_SRGB = (
    "The file does not say whether they are distances or sRGB colors, which bend what is flat: if "
    "it is an image that was saved in Blender, its color space must have been Non-Color."
)
NOT_THE_CENTER = (
    "{} writes depth of a sample up to a tenth of a pixel from the pixel's center, so points on "
    "slanted surfaces are off by as much: enable the Position pass and render again, as Render and "
    "Reconstruct does, or render with Cycles."
)


@dataclass(frozen=True, eq=False)
class Layers:
    """The layers of a file that a reconstruction reads.

    Attributes
    ----------
    info : FileInfo
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

    info: FileInfo
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


def choose_layers(info: FileInfo, options: ReconstructionOptions, view_layer: str = "") -> Layers:
    """Choose the layers that the options ask for.

    Parameters
    ----------
    info : FileInfo
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
    info: FileInfo, options: ReconstructionOptions, view_layer: str
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


def _gray_note(info: FileInfo, depth: Layer) -> Note:
    text = f"{depth.label} was used as depth, as its R, G, and B are equal."
    return Note(text) if says_color_space(info) else warning(f"{text} {MAY_BE_SRGB}")


def _choose_passes(
    info: FileInfo, depth: Layer, names: tuple[str, ...]
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


def with_position(layers: Layers, points_from: PointsFrom, engine: str) -> Layers:
    """Add the Position pass if Points From is Automatic and the engine's depth is less exact.

    Parameters
    ----------
    layers : Layers
    points_from : PointsFrom
    engine : str
        The render engine, as Blender calls it; empty if it is not known, which adds nothing.
    """
    from_elsewhere = isinstance(layers.info, ImageInfo)  # for instance, from a sensor
    if points_from is not PointsFrom.AUTOMATIC or engine in ("", CYCLES) or from_elsewhere:
        return layers
    try:
        return replace(layers, position=layers.info.position_layer(layers.depth))
    except LayerError:
        title = "EEVEE" if "EEVEE" in engine else engine.title().replace("_", " ")
        note = warning(NOT_THE_CENTER.format(title))
        return replace(layers, notes=(*layers.notes, note))
