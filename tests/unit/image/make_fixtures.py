"""Writes fixtures/: small images of many kinds, and in expected.txt what OpenCV decodes from each.

A line of expected.txt is: file name; then "refused", or the decoded size as WIDTHxHEIGHT and the CRC-32 of the BGR rows;
then size and CRC-32 again for a decode that ignores the orientation. Where Osprey differs from OpenCV on purpose, the
line is written by hand below.
Run with opencv-python-headless 4.12 and pillow 12: python make_fixtures.py
"""

import io
import struct
import tempfile
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFilter

HERE = Path(__file__).parent / "fixtures"
W, H = 13, 9


def picture(width=W, height=H, channels=3, seed=1):
    """A smooth picture with some noise: every pixel and every corner differs."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = [x / width * 200 + y * 3, y / height * 220, 200 - x * 9 + y * 5, 40 + x * 13]
    base = np.stack(planes[:channels], axis=-1)
    return np.clip(base + rng.integers(0, 30, base.shape), 0, 255).astype(np.uint8)


RGB = Image.fromarray(picture())
RGBA = Image.fromarray(picture(channels=4))
GREY = Image.fromarray(picture(channels=1)[..., 0])
BILEVEL = GREY.point(lambda v: 255 if v > 90 else 0).convert("1")
PALETTE = RGB.quantize(11)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif_block(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return exif.tobytes()


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows))
            + png_chunk(b"IEND", b""))


def png_rows(values, depth):
    """Rows of samples (2-D) packed at `depth` bits, each behind filter byte 0."""
    out = b""
    for row in values:
        if depth == 16:
            out += b"\0" + row.astype(">u2").tobytes()
        elif depth == 8:
            out += b"\0" + row.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            out += b"\0" + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    return out


def adam7(values, depth):
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    out = b""
    for x0, y0, dx, dy in passes:
        part = values[y0::dy, x0::dx]
        if part.size:
            out += png_rows(part.reshape(part.shape[0], -1), depth)
    return out


def tiff(width, height, tags, data_tag, chunks, order="<"):
    """A TIFF of one directory: `tags` {tag: (type, [values])}; `chunks` are its strips or tiles."""
    mark = b"II" if order == "<" else b"MM"
    offsets, body = [], b""
    for chunk in chunks:
        offsets.append(8 + len(body))
        body += chunk + b"\0" * (len(chunk) % 2)
    count_tag = 279 if data_tag == 273 else 325
    tags = {256: (3, [width]), 257: (3, [height]), **tags, data_tag: (4, offsets),
            count_tag: (4, [len(c) for c in chunks])}
    directory_at = 8 + len(body)
    extra_at = directory_at + 2 + 12 * len(tags) + 4
    entries, extra = b"", b""
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack(order + ("H" if kind == 3 else "I") * len(values), *values)
        if len(packed) > 4:
            entries += struct.pack(order + "HHII", tag, kind, len(values), extra_at + len(extra))
            extra += packed
        else:
            entries += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return (mark + struct.pack(order + "HI", 42, directory_at) + body + struct.pack(order + "H", len(tags)) + entries
            + struct.pack(order + "I", 0) + extra)


def bmp(width, height, bits, rows, palette=b"", compression=0):
    offset = 14 + 40 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(rows), 0, 0, len(palette) // 4, 0)
    return struct.pack("<2sIHHI", b"BM", offset + len(rows), 0, 0, offset) + info + palette + rows


def gif(width, height, table, background, frame, position=(0, 0), transparent=None, interlace=False, local=False):
    """A one-frame GIF whose LZW stream never grows its table (a clear code before each few pixels)."""
    bits = 3
    assert len(table) == 24
    out = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70 if local else 0xF0 | (bits - 1), background, 0)
    if not local:
        out += table
    if transparent is not None:
        out += bytes([0x21, 0xF9, 4, 1, 0, 0, transparent, 0])
    rows, columns = frame.shape
    flags = (0x40 if interlace else 0) | (0x80 | (bits - 1) if local else 0)
    out += b"\x2c" + struct.pack("<HHHHB", position[0], position[1], columns, rows, flags)
    if local:
        out += table
    if interlace:
        order = [*range(0, rows, 8), *range(4, rows, 8), *range(2, rows, 4), *range(1, rows, 2)]
        frame = frame[order]
    codes = []
    for i, value in enumerate(frame.reshape(-1)):
        if i % 5 == 0:
            codes.append(8)
        codes.append(int(value))
    codes.append(9)
    stream = "".join(format(c, "04b")[::-1] for c in codes)
    stream += "0" * (-len(stream) % 8)
    data = bytes(int(stream[i:i + 8][::-1], 2) for i in range(0, len(stream), 8))
    out += bytes([bits])
    for i in range(0, len(data), 255):
        out += bytes([len(data[i:i + 255])]) + data[i:i + 255]
    return out + b"\0\x3b"


def jpeg_cases():
    for name, options in {"444": {"subsampling": 0}, "422": {"subsampling": 1}, "420": {"subsampling": 2}}.items():
        yield f"rgb_{name}.jpg", saved(RGB, "JPEG", quality=85, **options)
    yield "progressive.jpg", saved(RGB, "JPEG", quality=85, progressive=True)
    yield "grey.jpg", saved(GREY, "JPEG", quality=85)
    yield "cmyk.jpg", saved(RGB.convert("CMYK"), "JPEG", quality=85)
    yield "keep_rgb.jpg", saved(RGB, "JPEG", quality=85, keep_rgb=True)
    for sampling in ("411", "440"):
        value = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{sampling}")
        yield f"rgb_{sampling}.jpg", cv2.imencode(".jpg", picture(40, 24),
                                                  [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, value])[1].tobytes()
    for orientation in range(1, 9):
        yield f"exif{orientation}.jpg", saved(RGB, "JPEG", quality=90, exif=exif_block(orientation))
    yield "exif9.jpg", saved(RGB, "JPEG", quality=90, exif=exif_block(9))
    # What encode_jpeg must give for rgb.bmp.
    yield "encoded_quality90.jpg", cv2.imencode(".jpg", picture()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    whole = saved(Image.fromarray(picture(64, 48)), "JPEG", quality=85)
    yield "cut_at_60_percent.jpg", whole[:len(whole) * 6 // 10]
    whole = saved(Image.fromarray(picture(64, 48)), "JPEG", quality=85, progressive=True)
    yield "cut_progressive.jpg", whole[:len(whole) * 6 // 10]
    yield "header_only.jpg", whole[:40]
    yield "after_garbage.jpg", saved(RGB, "JPEG", quality=85) + b"trailing bytes"
    odd = bytearray(saved(Image.fromarray(picture(96, 96)), "JPEG", quality=85, subsampling=2))
    at = odd.index(b"\xff\xc0")
    odd[at + 5:at + 9] = struct.pack(">HH", 20, 48)
    odd[at + 11] = 0x31
    yield "odd_sampling.jpg", bytes(odd)
    plain = saved(RGB, "JPEG", quality=85)
    restart = saved(Image.fromarray(picture(64, 48)), "JPEG", quality=85, restart_marker_blocks=2)
    damaged = bytearray(restart)
    at = damaged.index(b"\xff\xda") + 40
    damaged[at:at + 6] = b"\x12\x34\x56\x78\x9a\xbc"
    yield "restart.jpg", restart
    yield "damaged.jpg", bytes(damaged)
    xmp = b"\xff\xe1" + struct.pack(">H", 2 + 35) + b"http://ns.adobe.com/xap/1.0/\0<x></x>"[:35]
    exif = exif_block(6)
    app1 = b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
    yield "exif6_before_xmp.jpg", plain[:2] + app1 + xmp + plain[2:]


def png_cases():
    for image, name in ((RGB, "rgb"), (RGBA, "rgba"), (GREY, "grey"), (BILEVEL, "bilevel"), (PALETTE, "palette")):
        yield f"{name}.png", saved(image, "PNG")
    yield "grey_alpha.png", saved(Image.merge("LA", (GREY, BILEVEL.convert("L"))), "PNG")
    yield "palette_trns.png", saved(PALETTE, "PNG", transparency=bytes([0, 128] + [255] * 5))
    yield "rgb_trns.png", saved(RGB, "PNG", transparency=RGB.getpixel((3, 3)))
    yield "grey_trns.png", saved(GREY, "PNG", transparency=GREY.getpixel((3, 3)))
    rng = np.random.default_rng(4)
    for channels, colour, name in ((1, 0, "grey16"), (3, 2, "rgb16"), (2, 4, "grey_alpha16"), (4, 6, "rgba16")):
        values = rng.integers(0, 65536, (H, W, channels))
        yield f"{name}.png", png(W, H, 16, colour, png_rows(values.reshape(H, -1), 16))
    for depth in (2, 4):
        yield f"grey{depth}.png", png(W, H, depth, 0, png_rows(rng.integers(0, 1 << depth, (H, W)), depth))
    yield "rgb_interlaced.png", png(W, H, 8, 2, adam7(picture(), 8), interlace=1)
    yield "grey4_interlaced.png", png(W, H, 4, 0, adam7(rng.integers(0, 16, (H, W)), 4), interlace=1)
    rows = png_rows(picture().reshape(H, -1), 8)
    exif = exif_block(6)[6:]
    yield "exif6.png", png(W, H, 8, 2, rows, extra=png_chunk(b"eXIf", exif))
    plain = png(W, H, 8, 2, rows)
    yield "exif8_at_end.png", plain[:-12] + png_chunk(b"eXIf", exif_block(8)[6:]) + plain[-12:]
    yield "gamma.png", png(W, H, 8, 2, rows, extra=png_chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "no_end.png", plain[:-12]
    yield "cut.png", plain[:len(plain) - 60]
    damaged = bytearray(plain)
    damaged[-20] ^= 0xFF
    yield "bad_checksum.png", bytes(damaged)
    frames = [RGB, Image.fromarray(picture(seed=7))]
    yield "animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)


def webp_cases():
    yield "lossy.webp", saved(RGB, "WEBP", quality=80)
    yield "lossless.webp", saved(RGB, "WEBP", lossless=True)
    yield "lossy_alpha.webp", saved(RGBA, "WEBP", quality=80)
    yield "lossless_alpha.webp", saved(RGBA, "WEBP", lossless=True, exact=True)
    for orientation in (3, 5):
        yield f"exif{orientation}.webp", saved(RGB, "WEBP", lossless=True, exif=exif_block(orientation))
    yield "animated.webp", saved(RGB, "WEBP", save_all=True, append_images=[RGB.filter(ImageFilter.BLUR)], lossless=True)
    yield "animated_alpha.webp", saved(RGBA, "WEBP", save_all=True, append_images=[RGBA.rotate(180)], lossless=True)
    whole = saved(RGB, "WEBP", lossless=True)
    yield "cut.webp", whole[:len(whole) - 40]
    whole = saved(RGB, "WEBP", quality=80)
    yield "cut_lossy.webp", whole[:len(whole) - 40]


def tiff_cases():
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield f"rgb_{compression}.tiff", saved(RGB, "TIFF", compression=compression)
    yield "rgba.tiff", saved(RGBA, "TIFF", compression="tiff_lzw")
    yield "grey.tiff", saved(GREY, "TIFF")
    yield "bilevel.tiff", saved(BILEVEL, "TIFF")
    yield "group4.tiff", saved(BILEVEL, "TIFF", compression="group4")
    yield "palette.tiff", saved(PALETTE, "TIFF")
    yield "cmyk.tiff", saved(RGB.convert("CMYK"), "TIFF")
    yield "ycbcr.tiff", saved(RGB.convert("YCbCr"), "TIFF")
    yield "float.tiff", saved(GREY.convert("F"), "TIFF")
    rng = np.random.default_rng(6)
    rgb = picture()
    common = {258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]), 277: (3, [3])}
    for order, name in (("<", "little"), (">", "big")):
        yield f"rgb_{name}.tiff", tiff(W, H, {**common, 278: (3, [4])}, 273,
                                       [rgb[y:y + 4].tobytes() for y in range(0, H, 4)], order)
        wide = rng.integers(0, 65536, (H, W, 3)).astype(order + "u2")
        yield f"rgb16_{name}.tiff", tiff(W, H, {**common, 258: (3, [16] * 3), 278: (3, [H])}, 273, [wide.tobytes()], order)
    grey16 = rng.integers(0, 65536, (H, W)).astype("<u2")
    yield "grey16.tiff", tiff(W, H, {258: (3, [16]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1]), 278: (3, [H])}, 273,
                              [grey16.tobytes()])
    yield "white_is_zero.tiff", tiff(W, H, {258: (3, [8]), 259: (3, [1]), 262: (3, [0]), 277: (3, [1]), 278: (3, [H])},
                                     273, [rgb[..., 0].tobytes()])
    yield "planar.tiff", tiff(W, H, {**common, 284: (3, [2]), 278: (3, [H])}, 273, [rgb[..., c].tobytes() for c in range(3)])
    tall = picture(37, 41)
    padded = np.zeros((48, 48, 3), np.uint8)
    padded[:41, :37] = tall
    tiles = [padded[y:y + 16, x:x + 16].tobytes() for y in range(0, 48, 16) for x in range(0, 48, 16)]
    yield "tiled.tiff", tiff(37, 41, {**common, 322: (3, [16]), 323: (3, [16])}, 324, tiles)
    for orientation in range(1, 9):
        yield f"orientation{orientation}.tiff", tiff(W, H, {**common, 278: (3, [4]), 274: (3, [orientation])}, 273,
                                                     [rgb[y:y + 4].tobytes() for y in range(0, H, 4)])
    for orientation in (3, 6):
        yield f"orientation{orientation}_tiled.tiff", tiff(37, 41, {**common, 322: (3, [16]), 323: (3, [16]),
                                                                    274: (3, [orientation])}, 324, tiles)
    yield "cut.tiff", saved(RGB, "TIFF", compression="tiff_lzw")[:-30]
    missing = tiff(W, H, {**common, 278: (3, [4])}, 273, [rgb[y:y + 4].tobytes() for y in range(0, H, 4)])
    at = missing.index(struct.pack("<HHI", 273, 4, 3)) + 8
    where = struct.unpack_from("<I", missing, at)[0]
    broken = bytearray(missing)
    struct.pack_into("<I", broken, where + 4, 100000)
    yield "strip_missing.tiff", bytes(broken)


def bmp_cases():
    for image, name in ((RGB, "rgb"), (RGBA, "rgba"), (GREY, "grey"), (BILEVEL, "bilevel"), (PALETTE, "palette")):
        yield f"{name}.bmp", saved(image, "BMP")
    rng = np.random.default_rng(8)
    index = rng.integers(0, 16, (H, W + 1))
    index[:, W] = 0
    table = b"".join(bytes([i * 15, 255 - i * 13, i * 7, 0]) for i in range(16))
    rows4 = b"".join((bytes(int(a) << 4 | int(b) for a, b in zip(r[::2], r[1::2]))).ljust(8, b"\0") for r in index)
    yield "palette4.bmp", bmp(W, H, 4, rows4, table)
    flat = picture()
    rows = b"".join(r.tobytes().ljust(40, b"\0") for r in flat)
    yield "top_down.bmp", bmp(W, -H, 24, rows)
    rows32 = rng.integers(0, 256, (H, W, 4)).astype(np.uint8).tobytes()
    yield "rgb32.bmp", bmp(W, H, 32, rows32)
    rle = b""
    for y in range(H):
        rle += bytes([5, (y * 3) % 16, 0, 4, 1, 2, 3, 4, 4, 7, 0, 0])
    yield "rle8.bmp", bmp(W, H, 8, rle + b"\0\1", table * 16, compression=1)
    whole = saved(RGB, "BMP")
    yield "cut.bmp", whole[:-50]


def gif_cases():
    rng = np.random.default_rng(9)
    table = rng.integers(0, 256, 24).astype(np.uint8).tobytes()
    frame = rng.integers(0, 8, (H, W))
    yield "plain.gif", gif(W, H, table, 0, frame)
    yield "interlaced.gif", gif(W, H, table, 0, frame, interlace=True)
    yield "local_table.gif", gif(W, H, table, 0, frame, local=True)
    yield "transparent.gif", gif(W, H, table, 0, frame, transparent=3)
    yield "transparent_background5.gif", gif(W, H, table, 5, frame, transparent=3)
    yield "small_frame.gif", gif(W, H, table, 0, frame[:5, :6], position=(4, 3))
    yield "small_frame_background2.gif", gif(W, H, table, 2, frame[:5, :6], position=(4, 3))
    yield "rgb.gif", saved(RGB.quantize(64), "GIF")
    yield "animated.gif", saved(RGB.quantize(16), "GIF", save_all=True, append_images=[GREY.quantize(16)], duration=50)
    whole = gif(W, H, table, 0, frame)
    yield "no_trailer.gif", whole[:-1]
    yield "cut.gif", whole[:-20]
    yield "big.gif", saved(Image.fromarray(picture(90, 70)).quantize(128), "GIF")


def summary(image):
    return f"{image.shape[1]}x{image.shape[0]} {zlib.crc32(np.ascontiguousarray(image).tobytes()):08x}"


def by_opencv(data, flags):
    """What OpenCV decodes; from a file for TIFF, since from memory it cannot read tiles smaller than a kilobyte."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None and data[:4] in (b"II*\0", b"MM\0*"):
        with tempfile.NamedTemporaryFile(suffix=".tiff") as file:
            file.write(data)
            file.flush()
            image = cv2.imread(file.name, flags)
    return image


def on_purpose():
    """Files that OpenCV reads wrongly, or that one of the two refuses; with what Osprey gives."""
    tall = picture(37, 41)[..., ::-1]
    return {
        # OpenCV puts the tiles of a turned TIFF in the wrong places, or refuses it.
        "orientation3_tiled.tiff": summary(tall[::-1, ::-1]),
        "orientation6_tiled.tiff": summary(tall.transpose(1, 0, 2)[:, ::-1]),
        # All of the first frame is there.
        "no_trailer.gif": summary(by_opencv((HERE / "plain.gif").read_bytes(), cv2.IMREAD_COLOR)),
        # stb has no run-length coded BMP.
        "rle8.bmp": "refused",
    }


def main():
    HERE.mkdir(exist_ok=True)
    for old in HERE.iterdir():
        if old.name != "pickles.txt":  # make_pickles.py's
            old.unlink()
    lines = {}
    for cases in (jpeg_cases, png_cases, webp_cases, tiff_cases, bmp_cases, gif_cases):
        for name, data in cases():
            (HERE / name).write_bytes(data)
            turned = by_opencv(data, cv2.IMREAD_COLOR)
            stored = by_opencv(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
            lines[name] = "refused" if turned is None else f"{summary(turned)} {summary(stored)}"
    for name, line in on_purpose().items():
        lines[name] = line if line == "refused" else f"{line} {line}"
    (HERE / "expected.txt").write_text("".join(f"{name} {line}\n" for name, line in lines.items()))


if __name__ == "__main__":
    main()
