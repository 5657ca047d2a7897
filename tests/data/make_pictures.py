#!/usr/bin/env python3
"""Writes tests/data/pictures/ and pictures.txt: small pictures, and what torchvision's usual steps make of each.

    python3 tests/data/make_pictures.py       # needs Pillow before 13 (see make_pillow_reference.py) and NumPy

A line: file, and the SHA-256 of its float32 tensor [1, 3, 28, 28] in the preset imagenet: decoded by Pillow, the shorter
side resized to 32, the middle 28 x 28 cut out, divided by 255, less the mean, by the deviation.
"""
import hashlib
import pathlib
import numpy
from PIL import Image

here = pathlib.Path(__file__).parent
(here / "pictures").mkdir(exist_ok=True)
MEAN = numpy.array([0.485, 0.456, 0.406], dtype=numpy.float32)
STD = numpy.array([0.229, 0.224, 0.225], dtype=numpy.float32)
WAYS = {
    "ramp.png": {},
    "alpha.png": {},
    "grey.png": {},
    "ramp.webp": {"lossless": True},
    "lossy.webp": {"quality": 80},
    "fine.jpg": {"quality": 90, "subsampling": 0},
    "coarse.jpg": {"quality": 75, "subsampling": 2},
    "grey.jpeg": {"quality": 85},
}


def ramp(height, width):
    y, x = numpy.mgrid[0:height, 0:width]
    noise = numpy.random.default_rng(1).integers(0, 40, (height, width))
    planes = [x * 5 % 256, y * 7 % 256, (x + y) * 2 + noise]
    return Image.fromarray(numpy.stack(planes, axis=-1).astype(numpy.uint8))


def prepared(path):
    image = Image.open(path).convert("RGB")
    width, height = image.size
    size = (int(32 * width / height), 32) if width > height else (32, int(32 * height / width))
    image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = round((image.width - 28) / 2), round((image.height - 28) / 2)
    pixels = numpy.asarray(image.crop((left, top, left + 28, top + 28)), dtype=numpy.float32)
    return ((pixels / numpy.float32(255) - MEAN) / STD).transpose(2, 0, 1)[None]


lines = []
for name, options in WAYS.items():
    picture = ramp(40, 53) if "webp" in name else ramp(61, 45)
    if name.startswith("grey"):
        picture = picture.convert("L")
    if name.startswith("alpha"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    path = here / "pictures" / name
    picture.save(path, **options)
    tensor = numpy.ascontiguousarray(prepared(path))
    lines.append(f"{name} {hashlib.sha256(tensor.tobytes()).hexdigest()}")
(here / "pictures.txt").write_text("\n".join(lines) + "\n")
