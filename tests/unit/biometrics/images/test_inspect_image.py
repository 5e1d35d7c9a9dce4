"""What an image is, and what is refused, without decoding a pixel."""

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from biometrics.core.images import ImageRefusal, ImageRefused, inspect_image
from tests.unit.biometrics.images import samples


@pytest.mark.parametrize("kind", samples.KINDS)
def test_header_is_read_from_every_accepted_type(kind: str) -> None:
    media_type, options = samples.KINDS[kind]
    header = inspect_image(samples.encode(samples.colourful(), kind, **options))
    assert (header.media_type, header.width, header.height, header.channels, header.bit_depth) == (
        media_type, 40, 30, 3, 8,
    )  # fmt: skip
    assert (header.orientation, header.frames) == (1, 1)


@pytest.mark.parametrize(
    ("mode", "kind", "channels", "bit_depth"),
    [
        ("L", "JPEG", 1, 8),
        ("CMYK", "JPEG", 4, 8),
        ("L", "PNG", 1, 8),
        ("LA", "PNG", 2, 8),
        ("RGBA", "PNG", 4, 8),
        ("I;16", "PNG", 1, 16),
        ("P", "PNG", 1, 8),
        ("CMYK", "TIFF", 4, 8),
        ("I;16", "TIFF", 1, 16),
        ("L", "JPEG2000", 1, 8),
    ],
)
def test_kinds_of_pixels_are_told(mode: str, kind: str, channels: int, bit_depth: int) -> None:
    picture = samples.colourful().convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        picture = Image.new("I;16", (40, 30), 30_000)
    header = inspect_image(samples.encode(picture, kind))
    assert (header.channels, header.bit_depth) == (channels, bit_depth)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_read_from_exif(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    assert inspect_image(samples.encode(samples.colourful(), kind, exif=exif)).orientation == orientation


REFUSED = {
    "no bytes": (b"", ImageRefusal.EMPTY),
    "text": (b"this is no image", ImageRefusal.TYPE_UNSUPPORTED),
    "pdf": (b"%PDF-1.7\n" + bytes(100), ImageRefusal.TYPE_UNSUPPORTED),
    "gif": (samples.encode(samples.colourful(), "GIF"), ImageRefusal.TYPE_UNSUPPORTED),
    "30 MB": (b"\xff\xd8\xff" + bytes(30_000_000), ImageRefusal.TOO_LARGE),
    "png of 50,000 x 50,000": (samples.png_that_claims(50_000, 50_000), ImageRefusal.TOO_MANY_PIXELS),
    "png of 5,000 x 5,000": (samples.png_that_claims(5_000, 5_000), ImageRefusal.TOO_MANY_PIXELS),
    "png of no width": (samples.png_that_claims(0, 10), ImageRefusal.MALFORMED),
    "jpeg of 50,000 x 50,000": (samples.jpeg_that_claims(50_000, 50_000), ImageRefusal.TOO_MANY_PIXELS),
    "thin png of 2,000,000 x 1": (samples.png_that_claims(2_000_000, 1), ImageRefusal.TOO_MANY_PIXELS),
    "animated png": (samples.animation("PNG"), ImageRefusal.ANIMATED),
    "animated webp": (samples.animation("WEBP"), ImageRefusal.ANIMATED),
    "tiff of three pages": (samples.animation("TIFF"), ImageRefusal.ANIMATED),
    "tiff of float pixels": (
        samples.encode(samples.colourful().convert("F"), "TIFF"),
        ImageRefusal.TYPE_UNSUPPORTED,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_have_their_code(case: str) -> None:
    content, code = REFUSED[case]
    with pytest.raises(ImageRefused) as refused:
        inspect_image(content)
    assert refused.value.code == code


@pytest.mark.parametrize("kind", samples.KINDS)
def test_an_image_cut_anywhere_is_refused(kind: str) -> None:
    content = samples.encode(samples.colourful(), kind, **samples.KINDS[kind][1])
    # the last bytes of a JPEG 2000 and of a TIFF may be padding; half and nine tenths never are
    for length in (3, 12, len(content) // 2, len(content) * 9 // 10):
        with pytest.raises(ImageRefused):
            inspect_image(content[:length])


def test_jpeg_without_its_end_marker_is_truncated() -> None:
    content = samples.encode(samples.colourful(), "JPEG")
    with pytest.raises(ImageRefused) as refused:
        inspect_image(content[:-2])
    assert refused.value.code == ImageRefusal.TRUNCATED


def test_bytes_behind_the_end_of_a_jpeg_are_accepted() -> None:
    assert inspect_image(samples.encode(samples.colourful(), "JPEG") + b"preview").width == 40


def test_progressive_jpeg_counts_its_scans() -> None:
    assert inspect_image(samples.encode(samples.colourful(), "JPEG", progressive=True)).scans > 1


def test_refusal_holds_nothing_of_the_image() -> None:
    with pytest.raises(ImageRefused) as refused:
        inspect_image(b"ERIKSSON<<ANNA<MARIA")
    assert "ERIKSSON" not in str(refused.value)


def test_twenty_megabytes_of_markers_are_walked_in_under_a_second() -> None:
    scan = samples.encode(samples.colourful(), "JPEG")[:-2]
    entry = struct.pack(">HHII", 256, 4, 65536, 8)
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">H", 500) + entry * 500 + bytes(300_000)
    for content in (
        b"\xff\xd8" + b"\xff" * 19_000_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 4_900_000,
        scan + b"\xff\x00" * 9_000_000,
        samples.png_that_claims(9, 9)[:33] + samples.chunk(b"tEXt", b"") * 1_500_000,
        b"RIFF" + struct.pack("<I", 19_000_000) + b"WEBP" + b"XXXX\0\0\0\0" * 2_400_000,
        tiff,
    ):
        begun = time.process_time()
        with pytest.raises(ImageRefused):
            inspect_image(content)
        assert time.process_time() - begun < 1.0


@given(st.binary(max_size=300))
def test_any_bytes_give_a_header_or_a_refusal(content: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*", b"BM", b"\xff\x4f\xff\x51"):
        try:
            outcome = inspect_image(start + content).frames
        except ImageRefused as refused:
            outcome = refused.code
        assert outcome in (1, *ImageRefusal)
