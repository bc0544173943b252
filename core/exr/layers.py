"""The layers of an OpenEXR file: which of them are depth, and which belong to that depth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..depth.image import PixelType, Window
from ..errors import LayerError
from .header import Matrix
from .pass_names import COMBINED, POSITION

_DEPTH = re.compile(r"depth|^z$|^z[ _-]?pass$|^distance$", re.IGNORECASE)
_MIST = re.compile(r"mist", re.IGNORECASE)
_NOT_DEPTH = re.compile(r"mist|denoising|^index|^alpha$", re.IGNORECASE)
_VALUE_CHANNELS = {"Z", "V"}
_UNNAMED_VALUE_CHANNELS = {"Z", "V", "Y", "R"}
_FIVE_DIGIT_CODEC = "PXR24"
_TYPE_NAMES: Mapping[PixelType, str] = {"half": "16-bit floats", "uint": "whole numbers"}


@dataclass(frozen=True)
class Layer:
    """Channels of one part and one view that belong together.

    Attributes
    ----------
    name : str
        Name that the channels share, such as ``ViewLayer.Depth``; empty for channels that have
        none (``R``, ``G``, ``B``, ``Z``).
    view : str
        Stereo view, such as ``left``; empty in files without views.
    channels : tuple of str
        Names of the channels in the file, in the order R, G, B, A or X, Y, Z, W.
    part : int
        Number of the part in the file.
    pixel_type : 'half', 'float' or 'uint'
        The widest of the channels' types.
    window : Window
        Pixels that the file holds, in the coordinates of the file (its data window).
    label : str
        Text that identifies the layer to users and to `FileInfo.depth_layer`: the name, followed by
        the channels where several layers share the name (``beauty.Z``); the channels alone where
        there is no name.
    codec : str
        Name of the lossy codec that changed these values; empty where they are exact.
    """

    name: str
    view: str
    channels: tuple[str, ...]
    part: int
    pixel_type: PixelType
    window: Window
    label: str
    codec: str

    @property
    def title(self) -> str:
        """Last component of the label: the pass, such as ``Depth``."""
        return self.label.rpartition(".")[2]

    @property
    def prefix(self) -> str:
        """Name without its last component: the view layer with a dot, ``ViewLayer.``, or empty."""
        return "".join(self.name.rpartition(".")[:2])

    @property
    def is_color(self) -> bool:
        """Whether the channels are R, G, B, with or without A."""
        return [leaf_of(channel).upper() for channel in self.channels[:3]] == ["R", "G", "B"]

    @property
    def keeps_five_digits(self) -> bool:
        """Whether the values are exact, or changed by 2**-16 of themselves at most (PXR24).

        Other lossy codecs change what the eye does not see in a color, which may be any digit.
        """
        return self.codec in ("", _FIVE_DIGIT_CODEC)


@dataclass(frozen=True)
class FileInfo:
    """What the headers of a file say, in the terms of OpenEXR; `ImageInfo` is for other files.

    Attributes
    ----------
    path : str
    layers : tuple of Layer
        Layers in the order of the file, without those of deep parts.
    views : tuple of str
        Names of the stereo views; empty for a file without views.
    display_window : Window
        Window of the whole image, in the coordinates of the file.
    attributes : mapping of str to str
        Attributes that are strings, such as Blender's metadata Camera, Frame and Scene.
    matrices : mapping of str to mapping of str to Matrix
        Attributes that are 4x4 matrices, such as worldToCamera, by the name of the view (empty for
        parts without a view) and by their own name.
    """

    path: str
    layers: tuple[Layer, ...]
    views: tuple[str, ...]
    display_window: Window
    attributes: Mapping[str, str]
    matrices: Mapping[str, Mapping[str, Matrix]]

    def depth_layers(self) -> tuple[Layer, ...]:
        """Layers of all views that are most likely depth: all of the first kind that occurs.

        The kinds are: a single channel called depth or Z; a layer called depth with R, G and B; any
        other single channel Z or V, as the File Output node writes, or Y or R without a name; and
        the color layer of a file that holds nothing else, as Blender 4.5's File Output node writes.
        """
        ranks = [(_depth_rank(layer, self.layers), layer) for layer in self.layers]
        best = min((rank for rank, _ in ranks if rank is not None), default=None)
        return tuple(layer for rank, layer in ranks if best is not None and rank == best)

    def depth_layer(self, layer: str = "", view: str = "") -> Layer:
        """Choose the layer to read depth from.

        Parameters
        ----------
        layer : str
            Label of a layer, its pass alone (``Depth``), or a channel (``ViewLayer.Depth.Z``).
            Empty chooses the only layer that looks like depth.
        view : str
            View of a stereo file. It may be empty where only one view holds the layer; otherwise
            no view is preferred, as each belongs to another camera.

        Raises
        ------
        LayerError
            There is no such layer or view, several fit, or the layer cannot be depth.
        """
        if view and view not in self.views:
            found = f"the views {', '.join(self.views)}" if self.views else "no views"
            raise LayerError(f"{self.path} has no view {view}; it has {found}.")
        fitting = self._named(layer) if layer else self.depth_layers()
        if view:
            fitting = tuple(one for one in fitting if one.view == view)
        if not fitting:
            raise self._no_such_layer(layer, view)
        # Two parts with the same layer and view hold the same thing twice.
        unique: dict[tuple[Any, ...], Layer] = {}
        for one in fitting:
            unique.setdefault((one.label, one.view, one.channels), one)
        distinct = tuple(unique.values())
        if len(distinct) > 1:
            raise self._several_layers(distinct)
        self._check_depth(distinct[0])
        return distinct[0]

    def layers_of_view(self, depth: Layer) -> tuple[Layer, ...]:
        """Layers of the same view as `depth`, without depth itself."""
        return tuple(
            layer
            for layer in self.layers
            if layer.view == depth.view
            and not (layer.name == depth.name and set(layer.channels) & set(depth.channels))
        )

    def layers_beside(self, depth: Layer) -> tuple[Layer, ...]:
        """Layers of the same view layer and view as `depth`, without depth itself."""
        return tuple(one for one in self.layers_of_view(depth) if one.prefix == depth.prefix)

    def color_layer(self, depth: Layer) -> Layer | None:
        """Color that belongs to `depth`; None where the file has none.

        That is the Combined pass of the same view layer, else the R, G, B that share the name of
        depth, else those without a name, else the compositor's result.
        """
        colors = [layer for layer in self.layers_of_view(depth) if layer.is_color]
        names = (depth.prefix + COMBINED, depth.name, "", f"Composite.{COMBINED}")
        return next((one for name in names for one in colors if one.name == name), None)

    def position_layer(self, depth: Layer) -> Layer:
        """Position pass of the same view layer and view as `depth`.

        Raises
        ------
        LayerError
            There is none, it covers other pixels, or its codec changed its values.
        """
        for layer in self.layers_beside(depth):
            if layer.name == depth.prefix + POSITION and len(layer.channels) == 3:
                self.check_beside(layer, depth)
                return layer
        raise LayerError(
            f"{self.path} has no Position pass beside {depth.label}; enable that pass and render "
            "again, or take the points from depth."
        )

    def check_beside(
        self, layer: Layer, depth: Layer, *, exact: bool = True, ids: bool = False
    ) -> None:
        """Refuse a layer that covers other pixels than `depth`, or whose values were changed.

        Parameters
        ----------
        layer, depth : Layer
        exact : bool
            Whether to refuse codecs that keep less than five digits; a color may go without.
        ids : bool
            Whether the values are ids, whose bits must all be kept: as 32-bit floats, and by a
            codec without any loss.

        Raises
        ------
        LayerError
            One of these is so.
        """
        if layer.window != depth.window:
            raise LayerError(
                f"{layer.label} in {self.path} covers other pixels than {depth.label}; save both "
                "with the same crop, or do without it."
            )
        how = ""
        if layer.codec and (ids or (exact and not layer.keeps_five_digits)):
            how = f"with the codec {layer.codec}"
        elif ids and layer.pixel_type != "float":
            how = f"as {_TYPE_NAMES[layer.pixel_type]}"
        if how:
            raise LayerError(
                f"{layer.label} in {self.path} was saved {how}, which changes its values; save it "
                "as 32-bit floats with ZIP, or do without it."
            )

    def _named(self, text: str) -> tuple[Layer, ...]:
        """Layers that `text` may mean, by the strictest rule that finds any."""
        for found in (
            [one for one in self.layers if one.label == text],
            [one for one in self.layers if one.name == text],
            [_reduced_to_channel(one, text) for one in self.layers if text in _channel_names(one)],
            [one for one in self.layers if one.title == text],
        ):
            if found:
                return tuple(found)
        return ()

    def _check_depth(self, layer: Layer) -> None:
        if _MIST.search(layer.title):
            raise LayerError(
                f"{layer.label} in {self.path} is mist, which is cut off and scaled to 0..1 and has"
                " lost the distances; render the Depth (Z) pass."
            )
        if not layer.keeps_five_digits:
            raise LayerError(
                f"{layer.label} in {self.path} was saved with the codec {layer.codec}, which rounds"
                " values as if they were colors and so changes distances; save the Depth pass with"
                " ZIP."
            )
        if len(layer.channels) > 1 and not layer.is_color:
            raise LayerError(
                f"{layer.label} in {self.path} has the channels {', '.join(layer.channels)}, but"
                f" depth is a single one; the file holds {self._listing(self.layers)}."
            )

    def _no_such_layer(self, layer: str, view: str) -> LayerError:
        what = f"layer {layer}" if layer else "depth"
        where = f" in the view {view}" if view else ""
        return LayerError(
            f"{self.path} has no {what}{where}; it holds {self._listing(self.layers)}. Choose the"
            " layer with depth, or turn on the Depth (Z) pass and render again."
        )

    def _several_layers(self, layers: Sequence[Layer]) -> LayerError:
        if len({one.label for one in layers}) == 1:
            views = ", ".join(one.view or "(none)" for one in layers)
            return LayerError(
                f"{self.path} holds {layers[0].label} for the views {views}; choose a view."
            )
        return LayerError(
            f"{self.path} holds several layers that may be depth: {self._listing(layers)};"
            " choose one."
        )

    @staticmethod
    def _listing(layers: Iterable[Layer]) -> str:
        return ", ".join(dict.fromkeys(one.label for one in layers)) or "no layers"


def _depth_rank(layer: Layer, layers: Sequence[Layer]) -> int | None:
    """How likely a layer is depth, 0 for the most likely; None for one that is not."""
    if _NOT_DEPTH.search(layer.title):
        return None
    named = bool(_DEPTH.search(layer.title))
    if len(layer.channels) == 1:
        leaf = leaf_of(layer.channels[0]).upper()
        values = _VALUE_CHANNELS if layer.name else _UNNAMED_VALUE_CHANNELS
        return 0 if named else 2 if leaf in values else None
    if not layer.is_color or layer.pixel_type != "float":
        return None
    alone = not layer.name and all(one.label == layer.label for one in layers)
    return 1 if named else 3 if alone else None


def leaf_of(channel: str) -> str:
    """Last component of a channel's name, such as ``Z``."""
    return channel.rpartition(".")[2]


def _channel_names(layer: Layer) -> set[str]:
    """Names of the layer's channels, as they stand in the file and without the view."""
    return {
        name for channel in layer.channels for name in (channel, f"{layer.name}.{leaf_of(channel)}")
    }


def _reduced_to_channel(layer: Layer, text: str) -> Layer:
    """`layer` with no other channel than the one that `text` names."""
    leaf = leaf_of(text)
    return replace(layer, channels=tuple(one for one in layer.channels if leaf_of(one) == leaf))
