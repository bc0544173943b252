"""Data in the stamp note of a scene, which Blender writes into every file that it renders.

Blender writes the note as the attribute ``Note``: no more than :data:`NOTE_BYTES`, once in a file
for all of its views, and the same into the files of single views. So the data is compressed, and
follows the note that the user has.
"""

from __future__ import annotations

import base64
import json
import re
import zlib

from ..errors import CameraError

VERSION = 1
"""Of the text; it grows with any change to what follows, so that old texts stay readable."""

NOTE_BYTES = 511
"""How much of a stamp note Blender 4.2, 4.5, 5.0, and 5.2 write, of the 767 that it may have."""

_MAX_DATA_BYTES = 1 << 20
"""Far more than a text expands to, so that a damaged one cannot fill the memory."""

_TEXT = re.compile(r"\[reconstruct-from-depth (\d{1,9}) ([^\s\]]*)(\]?)")

# What most texts have in common, which saves two fifths of their length. The text of a version can
# be read with the very dictionary that it was written with, so this never changes.
_DICTIONARY = (
    b'"type":"SphericalStereo""offset":-0.0325,"convergence":"inf","convergence":1.95,'
    b'"merge_from":"inf","merge_to":"inf","up":[0.0,1.0,0.0]"type":"CubeFace","type":"MirrorBall",'
    b'"type":"FisheyeEquidistant","type":"FisheyeEquisolid","type":"FisheyePolynomial",'
    b'"frame":{"type":"Frame","width":1024,"height":1024,"left":0.0,"right":1.0,"bottom":0.0,'
    b'"top":1.0},"sensor_width":36.0,"sensor_height":24.0,"fov":3.141592653589793,'
    b'"focal_length":10.5"k0":0.0,"k1":0.0,"k2":0.0,"k3":0.0,"k4":0.0"type":"CentralCylindrical",'
    b'"angle_min":-3.141592653589793,"angle_max":3.141592653589793,"height_min":-1.0,'
    b'"height_max":1.0"type":"Equirectangular","longitude_min":-3.141592653589793,'
    b'"longitude_max":3.141592653589793,"latitude_min":-1.5707963267948966,'
    b'"latitude_max":1.5707963267948966"type":"Orthographic",'
    b'"ray","leaves_far_plane":true},"has_depth_of_field":true'
    b'"engine":"BLENDER_WORKBENCH","engine":"BLENDER_EEVEE_NEXT","engine":"BLENDER_EEVEE"'
    b'"has_motion_blur":true"left","suffix":"_L""right","suffix":"_R"'
    b'{"version":1,"engine":"CYCLES","frame":1,"subframe":0.0,"has_motion_blur":false,'
    b'"unit_scale":1.0,"blender_version":"5.2.0","fingerprint":"","views":[{"view":"","suffix":"",'
    b'"camera_name":"Camera","camera":{"version":1,"lens":{"type":"Perspective","intrinsics":'
    b'{"type":"Intrinsics","fx":2666.6666666666665,"fy":2666.6666666666665,"cx":960.0,"cy":540.0,'
    b'"width":1920,"height":1080}},"matrix":[[1.0,0.0,0.0,0.0],[0.0,1.0,0.0,0.0],[0.0,0.0,1.0,0.0],'
    b'[0.0,0.0,0.0,1.0]]},"clip":{"start":0.10000000149011612,"end":1000.0,"end":100.0,'
    b'"kind":"planar","leaves_far_plane":false},"has_depth_of_field":false}]}'
)


def text_from_data(data: object) -> str:
    """Pack data that strict JSON can hold into a text for a stamp note.

    Returns
    -------
    str
        ``[reconstruct-from-depth 1 ...]`` in ASCII without quotes, backslashes, or commas: JSON,
        compressed by zlib with a dictionary, as base 85. How a render was taken has 320 to 500
        characters; long names and many views make it longer than :data:`NOTE_BYTES`.
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 9, zdict=_DICTIONARY)
    packed = compressor.compress(text.encode("utf-8", "surrogatepass")) + compressor.flush()
    return f"[reconstruct-from-depth {VERSION} {base64.b85encode(packed).decode()}]"


def data_in_note(note: str) -> object | None:
    """Unpack the data in a note that may hold other things; None if there is none.

    Raises
    ------
    CameraError
        The text is damaged, cut off, or of another version.
    """
    found = _TEXT.search(note)
    if found is None:
        return None
    if int(found[1]) != VERSION:
        raise CameraError(
            f"The file's Note has camera data of version {found[1]}, expected {VERSION}: update "
            "the extension, or choose the camera."
        )
    try:
        if not found[3]:
            raise ValueError
        decompressor = zlib.decompressobj(zdict=_DICTIONARY)
        text = decompressor.decompress(base64.b85decode(found[2]), _MAX_DATA_BYTES)
        if not decompressor.eof or decompressor.unused_data:
            raise ValueError
        data: object = json.loads(text)
    except (ValueError, zlib.error, RecursionError):
        raise CameraError(
            "The camera data in the file's Note is damaged or cut off, expected the whole text in "
            "brackets as it was rendered: render the file again, or choose the camera."
        ) from None
    return data


def note_with_text(note: str, text: str) -> str | None:
    """The user's note with a text of data after it; None if Blender would cut it off.

    A text that the note already has is replaced.
    """
    both = "\n".join(filter(None, (note_without_text(note), text)))
    return both if len(both.encode()) <= NOTE_BYTES else None


def note_without_text(note: str) -> str:
    """The user's note as it was before :func:`note_with_text`."""
    found = _TEXT.search(note)
    if found is None:
        return note
    return note[: found.start()].removesuffix("\n") + note[found.end() :]
