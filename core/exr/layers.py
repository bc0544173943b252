"""The layers of an OpenEXR file: which channels belong together, and which of them are depth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..depth.image import PixelType, Window
from ..errors import LayerError

_DEPTH = re.compile(r"depth|^z$|^z[ _-]?pass$|^distance$", re.IGNORECASE)
_MIST = re.compile(r"mist", re.IGNORECASE)
_NOT_DEPTH = re.compile(r"mist|denoising|^index|^alpha$", re.IGNORECASE)
_VALUE_CHANNELS = {"Z", "V"}
_UNNAMED_VALUE_CHANNELS = {"Z", "V", "Y", "R"}


@dataclass(frozen=True)
class Layer:
    """Channels that belong together, of one view, in one part.

    Attributes
    ----------
    name : str
        As in ``ViewLayer.Depth``; empty for channels without a layer (``R``, ``G``, ``B``, ``Z``).
    view : str
        As in ``left``; empty in files without views.
    channels : tuple of str
        Names of the channels in the file, in the order R, G, B, A or X, Y, Z, W.
    part : int
        Number of the part in the file.
    pixel_type : 'half', 'float' or 'uint'
        The widest of the channels' types.
    window : Window
        Pixels that the file holds, in the file's own coordinates (its data window).
    label : str
        What to show and what `ExrInfo.depth_layer` takes: the name; with the channels behind it
        where several layers share it (``beauty.Z``); the channels alone where there is no name.
    codec : str
        Name of a codec that has changed these values by what the eye would not see in a color;
        empty where they are exact, or exact to five digits (PXR24).
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
        """Last component of the label: the pass, as in ``Depth``."""
        return self.label.rpartition(".")[2]

    @property
    def is_color(self) -> bool:
        """Whether the channels are R, G, B and perhaps A."""
        return [leaf_of(channel).upper() for channel in self.channels[:3]] == ["R", "G", "B"]


@dataclass(frozen=True)
class ExrInfo:
    """What the headers of an OpenEXR file say; no pixel was read.

    Attributes
    ----------
    path : str
    layers : tuple of Layer
        In the order of the file; without deep parts.
    views : tuple of str
        Empty for a file without views.
    display_window : Window
        The image, in the file's own coordinates.
    attributes : mapping of str to str
        The attributes that are strings, such as Blender's metadata Camera, Frame and Scene.
    """

    path: str
    layers: tuple[Layer, ...]
    views: tuple[str, ...]
    display_window: Window
    attributes: Mapping[str, str]

    def depth_layers(self) -> tuple[Layer, ...]:
        """Layers that are most likely depth: the best kind only, of all views.

        In order: a single channel called depth or Z; a layer called depth with R, G and B; any
        other single channel Z or V (the File Output node's), or an unnamed Y or R; and the color
        layer of a file without anything else, which Blender 4.5's File Output node writes.
        """
        ranks = [(_rank(layer, self.layers), layer) for layer in self.layers]
        best = min((rank for rank, _ in ranks if rank is not None), default=None)
        return tuple(layer for rank, layer in ranks if best is not None and rank == best)

    def depth_layer(self, layer: str = "", view: str = "") -> Layer:
        """Choose the layer to read depth from.

        Parameters
        ----------
        layer : str
            Label of a layer, a pass alone (``Depth``), or a channel (``ViewLayer.Depth.Z``). Empty
            to take the only one that looks like depth.
        view : str
            A view of a stereo file. Empty is enough where only one view holds the layer; with more
            of them no view is preferred, as each belongs to another camera.

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
            raise self._nothing(layer, view)
        # Two parts with the same layer and view hold the same thing twice.
        unique: dict[tuple[Any, ...], Layer] = {}
        for one in fitting:
            unique.setdefault((one.label, one.view, one.channels), one)
        distinct = tuple(unique.values())
        if len(distinct) > 1:
            raise self._several(distinct)
        self._check(distinct[0])
        return distinct[0]

    def color_layer(self, depth: Layer) -> Layer | None:
        """Color of the same view layer and view as `depth`, if the file has it.

        That is its Combined pass, else the R, G, B next to it, else those without a layer, else the
        compositor's result.
        """
        prefix = depth.name.rpartition(".")[0]
        wanted = (
            f"{prefix}.Combined" if prefix else "Combined",
            depth.name,
            "",
            "Composite.Combined",
        )
        for name in wanted:
            for one in self.layers:
                same = one.name == name and one.view == depth.view and one.is_color
                if same and not set(depth.channels) & set(one.channels):
                    return one
        return None

    def position_layer(self, depth: Layer) -> Layer:
        """Position pass of the same view layer and view as `depth`.

        Raises
        ------
        LayerError
            There is none, it covers other pixels, or its codec changed its values.
        """
        wanted = ".".join((*depth.name.split(".")[:-1], "Position"))
        for one in self.layers:
            if one.name == wanted and one.view == depth.view and len(one.channels) == 3:
                if one.window != depth.window or one.codec:
                    what = f"went through the codec {one.codec}" if one.codec else "is cropped"
                    raise LayerError(
                        f"{one.label} in {self.path} {what}, unlike {depth.label}; save both alike "
                        "and without loss, or take the points from depth."
                    )
                return one
        raise LayerError(
            f"{self.path} has no Position pass beside {depth.label}; enable that pass and render "
            "again, or take the points from depth."
        )

    def _named(self, text: str) -> tuple[Layer, ...]:
        """All layers that `text` may mean, by the strictest rule that finds one."""
        for found in (
            [one for one in self.layers if one.label == text],
            [one for one in self.layers if one.name == text],
            [_only(one, text) for one in self.layers if text in _shown_channels(one)],
            [one for one in self.layers if one.title == text],
        ):
            if found:
                return tuple(found)
        return ()

    def _check(self, layer: Layer) -> None:
        if _MIST.search(layer.title):
            raise LayerError(
                f"{layer.label} in {self.path} is mist, which is cut off and scaled to 0..1 and has"
                " lost the distances; render the Depth (Z) pass."
            )
        if layer.codec:
            raise LayerError(
                f"{layer.label} in {self.path} went through {layer.codec}, which rounds values as"
                " if they were colors and so changes distances; save the Depth pass with ZIP."
            )
        if len(layer.channels) > 1 and not layer.is_color:
            raise LayerError(
                f"{layer.label} in {self.path} has the channels {', '.join(layer.channels)}, but"
                f" depth is a single one; the file holds {self._listing(self.layers)}."
            )

    def _nothing(self, layer: str, view: str) -> LayerError:
        what = f"layer {layer}" if layer else "depth"
        where = f" in the view {view}" if view else ""
        return LayerError(
            f"{self.path} has no {what}{where}; it holds {self._listing(self.layers)}. Choose the"
            " layer with depth, or turn on the Depth (Z) pass and render again."
        )

    def _several(self, layers: Sequence[Layer]) -> LayerError:
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


def _rank(layer: Layer, layers: Sequence[Layer]) -> int | None:
    """How likely a layer is depth, 0 best; None for one that is not."""
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
    """Last component of a channel's name, as in ``Z``."""
    return channel.rpartition(".")[2]


def _shown_channels(layer: Layer) -> set[str]:
    """Names of the layer's channels, as in the file and without the view."""
    return {
        name for channel in layer.channels for name in (channel, f"{layer.name}.{leaf_of(channel)}")
    }


def _only(layer: Layer, text: str) -> Layer:
    """`layer` reduced to the channel that `text` names."""
    leaf = leaf_of(text)
    return replace(layer, channels=tuple(one for one in layer.channels if leaf_of(one) == leaf))
