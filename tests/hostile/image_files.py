"""Hostile images: what each attacks, and the bytes. All are refused with 4xx."""
import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class HostileImage:
    name: str
    attacks: str
    data: bytes


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *chunks, colour=2, interlace=0):
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(count):
    """That many zero bytes, deflated."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join(parts) + packer.flush()


def jpeg(width, height, components=3):
    frame = struct.pack(">BHHB", 8, height, width, components) + b"".join(bytes([i + 1, 0x11, 0]) for i in range(components))
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def tiff(entries, next_directory=0):
    """One directory of (tag, type, count, value) entries."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + struct.pack("<I", next_directory)


def strips(width, height, count):
    return [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, count, 8),
            (277, 3, 1, 3), (278, 4, 1, 1), (279, 4, count, 8)]


def bmp(width, height, bits=24, offset=54):
    return (b"BM" + struct.pack("<IHHI", 60, 0, 0, offset) +
            struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, 0, 0, 0, 0, 0) + bytes(64))


def gif(width, height):
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"\x2c" + struct.pack(
        "<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0\x3b"


HOSTILE_IMAGES = [
    HostileImage("png_bomb", "memory: 2.5 gigapixels in a few kilobytes", png(50_000, 50_000, chunk(b"IDAT", zeros(8 << 20)))),
    HostileImage("png_bomb_interlaced", "memory: the same, interlaced", png(50_000, 50_000, chunk(b"IDAT", zeros(1 << 20)), interlace=1)),
    HostileImage("png_largest", "integer overflow: the largest sides that the format has", png(2**31 - 1, 2**31 - 1)),
    HostileImage("png_zero", "division by zero: no width", png(0, 10, chunk(b"IDAT", zlib.compress(b"\0")))),
    HostileImage("png_text_bomb", "memory: a compressed text of 64 MB in an image that says it has no pixels left",
                 png(4, 4, chunk(b"zTXt", b"a\0\0" + zeros(64 << 20)))),
    HostileImage("png_long_chunk", "a chunk that says it has 2 GB", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0x7FFFFFFF) + b"IHDR"),
    HostileImage("png_palette_missing", "a read outside the palette: there is none", png(4, 4, chunk(b"IDAT", zlib.compress(b"\xff" * 20)), colour=3)),
    HostileImage("jpeg_bomb", "memory: 4.2 gigapixels told by the header", jpeg(65_500, 65_500)),
    HostileImage("jpeg_no_scan", "a frame without a scan", jpeg(100, 100)),
    HostileImage("jpeg_zero", "division by zero: no height", jpeg(100, 0)),
    HostileImage("jpeg_255_components", "a table that is indexed by what the file says", jpeg(16, 16, 255)),
    HostileImage("jpeg_only_start", "two bytes that make a JPEG", b"\xff\xd8"),
    HostileImage("tiff_bomb", "memory: 3.6 gigapixels", tiff(strips(60_000, 60_000, 1))),
    HostileImage("tiff_many_strips", "memory: four billion strips in a table that is not there", tiff(strips(100, 100, 0xFFFFFFFF))),
    HostileImage("tiff_loop", "an endless loop: a directory that follows itself", tiff([(256, 4, 1, 0)], 8)),
    HostileImage("tiff_far_directory", "a read outside the file", b"II*\0" + struct.pack("<I", 0xFFFFFFF0)),
    HostileImage("bmp_bomb", "memory: 10 gigapixels", bmp(100_000, 100_000)),
    HostileImage("bmp_least_height", "integer overflow: the height that has no opposite", bmp(10, -(2**31))),
    HostileImage("bmp_negative_width", "a negative width", bmp(-10, 10)),
    HostileImage("bmp_far_pixels", "a read outside the file: pixels at 4 GB", bmp(10, 10, offset=0xFFFFFFF0)),
    HostileImage("bmp_odd_depth", "a shift by what the file says", bmp(10, 10, bits=255)),
    HostileImage("gif_bomb", "memory: 4.2 gigapixels", gif(65_535, 65_535)),
    HostileImage("webp_cut", "a container that says it has 4 GB", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff"),
    HostileImage("svg_entity", "a file of the server, read by an XML parser",
                 b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg>&f;</svg>'),
    HostileImage("html", "a page that a browser would run", b"<html><script>alert(1)</script></html>"),
    HostileImage("zip", "an archive", b"PK\x03\x04" + bytes(100)),
    HostileImage("empty_lines", "nothing but white space", b"\n" * 1000),
]
