"""Pixels: right way up, eight bits, three channels, at bounded cost."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from biometrics.core.images import ImageRefused, decode_image, encode_jpeg
from tests.unit.biometrics.images import samples

EXPECTED = np.asarray(samples.colourful())[..., ::-1]
LOSSLESS = [kind for kind in samples.KINDS if kind != "JPEG"]


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_types_give_the_same_pixels(kind: str) -> None:
    assert np.array_equal(
        decode_image(samples.encode(samples.colourful(), kind, **samples.KINDS[kind][1])), EXPECTED
    )


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_jpeg_gives_nearly_the_same_pixels(options: dict[str, object]) -> None:
    image = decode_image(samples.encode(samples.colourful(), "JPEG", quality=95, subsampling=0, **options))
    assert np.abs(image.astype(int) - EXPECTED).max() < 12


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA", "LA", "1"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
def test_every_kind_of_pixel_becomes_bgr(mode: str, kind: str) -> None:
    if (kind, mode) in {
        ("PNG", "CMYK"), ("JPEG", "P"), ("JPEG", "RGBA"), ("JPEG", "LA"), ("JPEG", "1"), ("TIFF", "LA"),
    }:  # fmt: skip
        pytest.skip("the format has no such pixels")
    picture = samples.colourful().convert(mode)
    image = decode_image(samples.encode(picture, kind))
    expected = np.asarray(picture.convert("RGB"))[..., ::-1]
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - expected).mean() < 8


def test_sixteen_bits_of_grey_are_scaled() -> None:
    content = samples.encode(Image.new("I;16", (4, 3), 0x8080), "PNG")
    assert (decode_image(content) == 0x80).all()


def test_transparent_pixels_lie_over_white() -> None:
    content = samples.encode(Image.new("RGBA", (4, 3), (200, 0, 0, 0)), "PNG")
    assert (decode_image(content) == 255).all()


def test_a_transparent_palette_colour_lies_over_white() -> None:
    picture = Image.new("P", (4, 3), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    assert (decode_image(samples.encode(picture, "PNG", transparency=1)) == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(kind: str, orientation: int) -> None:
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    picture = samples.colourful() if stored is None else samples.colourful().transpose(stored)
    exif = Image.Exif()
    exif[274] = orientation
    image = decode_image(samples.encode(picture, kind, exif=exif, quality=95, lossless=True))
    assert image.shape == EXPECTED.shape
    assert np.abs(image.astype(int) - EXPECTED).mean() < 8


def test_a_png_with_too_few_rows_is_refused() -> None:
    with pytest.raises(ImageRefused):
        decode_image(samples.png_that_claims(500, 500))


def test_encoded_jpeg_reads_back() -> None:
    assert decode_image(encode_jpeg(EXPECTED.copy(), 90)).shape == EXPECTED.shape


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    kind=st.sampled_from(sorted(samples.KINDS)),
    changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damaged_images_give_pixels_or_a_refusal(kind: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(samples.encode(samples.colourful(), kind, **samples.KINDS[kind][1]))
    for position, value in changes:
        content[position % len(content)] = value
    try:
        image = decode_image(bytes(content))
    except ImageRefused:
        return
    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3


ROTATED = Image.Exif()
ROTATED[274] = 6
COSTLY = {
    "jpeg of 20 million pixels": ("JPEG", (5000, 3990), {"quality": 90}),
    "progressive jpeg, whole colours": ("JPEG", (3600, 3600), {"progressive": True, "subsampling": 0}),
    "png of 17 million pixels": ("PNG", (4800, 3560), {"compress_level": 1}),
    "webp": ("WEBP", (2900, 2050), {"quality": 80}),
    "tiff": ("TIFF", (3150, 3150), {"compression": "tiff_adobe_deflate", "exif": ROTATED}),
    "jpeg 2000": ("JPEG2000", (1730, 1730), {"quality_mode": "rates", "quality_layers": [10]}),
}

MEASURE = """
import sys, time
from biometrics.core.images import ImageRefused, decode_image
def peak_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
content = open(sys.argv[1], "rb").read()
before, begun = peak_kib(), time.process_time()
shape = decode_image(content).shape
print(shape[0] * shape[1], time.process_time() - begun, (peak_kib() - before) * 1024)
"""


@pytest.mark.parametrize("case", COSTLY)
def test_the_largest_accepted_images_cost_under_a_second_and_150_mb(case: str, tmp_path: Path) -> None:
    kind, size, options = COSTLY[case]
    coarse = np.random.default_rng(0).integers(0, 255, (12, 16, 3), np.uint8)
    picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    path = tmp_path / "image"
    path.write_bytes(samples.encode(picture, kind, **options))
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    pixels, seconds, peak = (float(word) for word in run.stdout.split())
    assert pixels == size[0] * size[1]
    assert seconds < 1.0
    assert peak < 150e6
