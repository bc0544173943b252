"""The tools of the toolbars."""
