"""Verdicts in words: one sentence that says what was found, and one that says what to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from ..depth.image import DepthKind
from ..support.messages import listed
from .fault import Explanation, Fault
from .remedy import Remedy
from .residuals import Residuals, Statistics
from .values import Encoding

Length = Callable[[float], str]


def plain_length(value: float) -> str:
    """A length without a unit."""
    return f"{value:.3g}"


def right(residuals: Residuals, objects: Sequence[str], against: str, length: Length) -> str:
    """Text of RIGHT."""
    share = math.floor(100.0 * residuals.share)
    agreeing = residuals.distances[residuals.counted & residuals.agrees]
    text = (
        f"Checked against {against}: {share}% of {residuals.count:,} pixels agree, within "
        f"{length(float(np.median(agreeing)))} in the median"
    )
    if residuals.share >= 0.9:
        return f"{text}."
    where = f", most of them on {listed(objects)}" if objects else ""
    return (
        f"{text}; the others{where} may show hair, transparent or hidden things, or what has "
        "changed since."
    )


def not_checked(samples: int, known: int, count: int, against: str) -> str:
    """Text of NOT_CHECKED for numbers of samples: all, with a truth, and that can be compared."""
    if not samples:
        return "Not checked: the image holds no depth."
    if not known:
        return f"Not checked: {against} holds nothing where the image has depth."
    return f"Not checked: only {count} of {samples} pixels can be compared."


def filtered(share: float) -> tuple[str, str]:
    """Text and advice of FILTERED."""
    return (
        f"The surfaces are right, but {share:.0%} of the pixels on edges lie in the air between "
        "two surfaces: the depth was anti-aliased, denoised, or resized.",
        "Use the depth as it was rendered, without denoising or scaling, or leave out flying "
        "pixels.",
    )


def unexplained(
    fault: Fault, residuals: Residuals, objects: Sequence[str], length: Length
) -> tuple[str, str]:
    """Text and advice of SCENE_CHANGED and UNKNOWN."""
    if fault is Fault.SCENE_CHANGED:
        where = f", most of them on {listed(objects)}" if objects else ""
        return (
            f"{residuals.share:.0%} of the pixels are right, but the others are off{where}: the "
            "scene has changed since it was rendered.",
            "Render again, or undo the change; the points show the scene as it was rendered.",
        )
    return (
        f"{_off(residuals.statistics(), length)}, and no known fault explains it.",
        "Check that the depth is of this scene, and of no other frame, view, or render layer.",
    )


def explained(
    chosen: Explanation,
    before: Statistics,
    after: Statistics,
    also: Sequence[Fault],
    length: Length,
) -> tuple[str, str]:
    """Text and advice of a fault that has a remedy."""
    cause, advice = _cause(chosen, length)
    error = length(after.median)
    text = f"{_off(before, length)}: {cause}, and without that the error falls to {error}"
    if also:
        others = listed([_SHORT[fault] for fault in also], "or")
        text += f"; {others} would explain it as well"
    return f"{text}.", advice


def _off(before: Statistics, length: Length) -> str:
    if math.isinf(before.median):
        return f"{before.missing:.0%} of the pixels show what the camera does not see"
    return f"Off by {length(before.median)} in the median"


def _cause(chosen: Explanation, length: Length) -> tuple[str, str]:
    """What a fault looks like, and what to do about it."""
    fault, remedy = chosen.fault, chosen.remedy
    if fault in (Fault.WRONG_CAMERA, Fault.WRONG_FRAME):
        frame = "" if remedy.frame is None else f" at frame {remedy.frame:g}"
        name = f"{remedy.camera_name}{frame}"
        return f"the image looks like that of {name}", f"Use the camera {name}."
    if fault in (Fault.WRONG_LENS, Fault.CROPPED, Fault.HALF_PIXEL):
        return _image_cause(fault, remedy)
    if fault in (Fault.SCALED, Fault.OFFSET, Fault.INVERSE, Fault.INVERTED, Fault.NORMALIZED):
        return _value_cause(fault, remedy, length)
    return _FIXED[fault]


def _image_cause(fault: Fault, remedy: Remedy) -> tuple[str, str]:
    scale, offset = remedy.pixel_scale or (1.0, 1.0), remedy.pixel_offset or (0.0, 0.0)
    if fault is Fault.HALF_PIXEL:
        shift = f"{offset[0]:+.3g}, {offset[1]:+.3g} pixels"
        return (
            f"the image looks shifted by {shift}",
            "Count pixels from the corner of the image, not from the center of the first pixel.",
        )
    if fault is Fault.CROPPED:
        return (
            f"the image looks like the part of the camera's image that starts at "
            f"({offset[0]:.4g}, {offset[1]:.4g}), at {scale[0]:.4g} of its size",
            "Use the whole image, or give the camera the crop that the image has.",
        )
    if remedy.focal_factor is not None:
        factor = remedy.focal_factor
        return (
            f"the lens looks like one of {factor:.4g} times the focal length",
            f"Multiply the focal length by {factor:.4g}, or check the sensor fit.",
        )
    if scale != (1.0, 1.0):
        return (
            f"the pixels look {scale[0] / scale[1]:.4g} times as wide as high",
            "Check the pixel aspect and the sensor fit of the camera.",
        )
    return (
        f"the principal point looks {-offset[0]:+.4g}, {-offset[1]:+.4g} pixels away",
        "Check the shift of the lens.",
    )


def _value_cause(fault: Fault, remedy: Remedy, length: Length) -> tuple[str, str]:
    values = remedy.values
    if fault is Fault.SCALED:
        factor = max(values.scale, 1.0 / values.scale)
        how = "large" if values.scale < 1.0 else "small"
        return (
            f"the depth looks {factor:.4g} times too {how}",
            f"Multiply the depth by {values.scale:.4g}.",
        )
    if fault is Fault.OFFSET:
        return (
            f"the depth looks {length(abs(values.offset))} too "
            f"{'small' if values.offset > 0.0 else 'large'}",
            f"Add {values.offset:.4g} to the depth.",
        )
    if fault is Fault.INVERSE:
        k = 1.0 / values.scale
        return (
            f"the values look like {k:.4g} / distance",
            f"Read the depth as {k:.4g} / value.",
        )
    if fault is Fault.INVERTED:
        return (
            f"the values look like {values.offset:.4g} - distance",
            f"Read the depth as {values.offset:.4g} - value.",
        )
    rule = f"{values.scale:.4g} * value {values.offset:+.4g}"
    if values.encoding is Encoding.INVERSE:
        rule = f"1 / ({rule})"
    return (
        f"the values look normalized, the distance being {rule}",
        f"Use the depth before it was normalized, or read it as {rule}.",
    )


_FIXED = {
    Fault.CAMERA_MOVED: (
        "the camera looks as if it had been moved since",
        "Use the camera as it was when it rendered the image.",
    ),
    Fault.RAY_NOT_PLANAR: (
        "the depth looks like distance along the ray",
        f"Read the depth as {DepthKind.RAY.value} depth.",
    ),
    Fault.PLANAR_NOT_RAY: (
        "the depth looks like distance along the camera's axis",
        f"Read the depth as {DepthKind.PLANAR.value} depth.",
    ),
    Fault.FLIPPED_X: (
        "the image looks mirrored left to right",
        "Mirror the depth image left to right.",
    ),
    Fault.FLIPPED_Y: (
        "the image looks upside down",
        "Mirror the depth image top to bottom.",
    ),
    Fault.SRGB_ENCODED: (
        "the values look encoded as sRGB colors",
        "Set the color space of the image to Non-Color before saving it, and save it again.",
    ),
}

_SHORT = {
    Fault.WRONG_CAMERA: "another camera",
    Fault.WRONG_FRAME: "another frame",
    Fault.CAMERA_MOVED: "a moved camera",
    Fault.WRONG_LENS: "another lens",
    Fault.RAY_NOT_PLANAR: "ray depth",
    Fault.PLANAR_NOT_RAY: "planar depth",
    Fault.SCALED: "another unit",
    Fault.OFFSET: "an offset",
    Fault.INVERSE: "inverse depth",
    Fault.INVERTED: "inverted depth",
    Fault.NORMALIZED: "normalized depth",
    Fault.FLIPPED_X: "a mirrored image",
    Fault.FLIPPED_Y: "an image upside down",
    Fault.HALF_PIXEL: "a shift by half a pixel",
    Fault.CROPPED: "a cropped image",
    Fault.SRGB_ENCODED: "sRGB-encoded values",
    Fault.SCENE_CHANGED: "a change of the scene",
}
