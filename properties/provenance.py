"""What panels ask about an object that the extension made."""

from __future__ import annotations

from ..bridge.scene.provenance import is_reconstruction

__all__ = ["is_reconstruction"]
