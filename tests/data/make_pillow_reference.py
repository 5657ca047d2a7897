#!/usr/bin/env python3
"""Writes pillow.txt: what Pillow makes of small made-up pictures. Needs Pillow before 13, which always
resizes columns first, and NumPy; the tests read the file only.

    python3 tests/data/make_pillow_reference.py > tests/data/pillow.txt

A line: kind, height, width, channels, seed, new height, new width, and the result's bytes in hexadecimal. The pixels of
a picture are the upper bytes of x = x * 1664525 + 1013904223 modulo 2^32, from x = seed on, in the order of rows,
columns, channels.
"""
import numpy
import PIL
from PIL import Image

CASES = [
    ("antialias", 5, 7, 3, 1, 3, 4),
    ("antialias", 3, 4, 3, 2, 8, 9),
    ("antialias", 37, 53, 3, 3, 11, 13),
    ("antialias", 64, 48, 1, 4, 7, 28),
    ("antialias", 9, 9, 3, 5, 9, 4),
    ("antialias", 9, 9, 3, 6, 4, 9),
    ("antialias", 1, 1, 3, 7, 3, 5),
    ("antialias", 200, 3, 3, 8, 1, 2),
    ("antialias", 16, 16, 1, 9, 16, 16),
    ("nearest", 5, 7, 3, 10, 3, 4),
    ("nearest", 3, 4, 3, 11, 8, 9),
    ("nearest", 37, 53, 1, 12, 11, 13),
    ("luma", 6, 8, 3, 13, 6, 8),
]


def picture(height, width, channels, seed):
    x, values = seed, []
    for _ in range(height * width * channels):
        x = (x * 1664525 + 1013904223) % 2**32
        values.append(x >> 24)
    shape = (height, width, channels) if channels > 1 else (height, width)
    return Image.fromarray(numpy.array(values, dtype=numpy.uint8).reshape(shape))


def made(kind, image, size):
    if kind == "luma":
        return image.convert("L")
    method = Image.Resampling.BILINEAR if kind == "antialias" else Image.Resampling.NEAREST
    return image.resize((size[1], size[0]), method)


print(f"# Pillow {PIL.__version__}")
for kind, height, width, channels, seed, *size in CASES:
    result = made(kind, picture(height, width, channels, seed), size)
    print(kind, height, width, channels, seed, *size, result.tobytes().hex())
