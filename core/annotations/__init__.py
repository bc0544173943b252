"""Annotated points from files of other tools, and located picks to files and back.

Points are continuous image coordinates (x right, y down) from the image's upper left corner, with
the center of pixel (column c, row r) at (c + 0.5, r + 0.5). Each format's module says which
convention the format has, and converts it.

``formats`` lists what picks are written in, ``reading`` what is read.
"""
