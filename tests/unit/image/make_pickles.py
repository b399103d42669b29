"""Writes fixtures/pickles.txt: numpy arrays pickled by real numpy, and hostile pickles; a line is a name and base64.

Run once with numpy 1.x and once with 2.3 or later: python make_pickles.py numpy1; python make_pickles.py numpy2. Each run
replaces its own lines. The arrays hold what `pixels` says, so that the test can compute it: (31 y + 7 x + 3 c) mod 251.
"""

import base64
import io
import os
import pickle
import struct
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parent / "fixtures" / "pickles.txt"
H, W = 3, 5


def pixels(channels, dtype=np.uint8):
    y, x, c = np.mgrid[0:H, 0:W, 0:channels]
    return ((31 * y + 7 * x + 3 * c) % 251).astype(dtype)


def arrays():
    """name -> array. The name tells the test what must come out: grey_ or bgr_."""
    bgr, grey = pixels(3), pixels(1)
    yield "bgr_u1", bgr
    yield "grey_u1_2d", grey[..., 0].copy()
    yield "grey_u1_3d", grey
    yield "bgr_fortran", np.asfortranarray(bgr)
    yield "bgr_transposed", np.ascontiguousarray(bgr.transpose(1, 0, 2)).transpose(1, 0, 2)
    yield "bgr_view", np.repeat(bgr, 2, axis=1)[:, ::2]
    readonly = bgr.copy()
    readonly.flags.writeable = False
    yield "bgr_readonly", readonly
    for code in ("i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"):
        for order in "<>" if code[1] != "1" else "|":
            values = pixels(3)
            if code == "i1":
                values = values % 128
            yield f"bgr_{code}{'be' if order == '>' else ''}", values.astype(order + code)


def clamped():
    yield "clamp_f4", np.array([[-5.5, 0.99, 254.99], [255.5, 1e20, np.nan]], np.float32).reshape(1, 2, 3)
    yield "clamp_f2", np.array([[-5.5, 0.99, 254.5], [300, np.inf, np.nan]], np.float16).reshape(1, 2, 3)
    yield "clamp_i4", np.array([[-1, 0, 255], [256, 2**31 - 1, -2**31]], np.int32).reshape(1, 2, 3)
    yield "clamp_bool", np.array([[True, False, True], [False, True, True]]).reshape(1, 2, 3)


class Call:
    def __init__(self, function, *arguments):
        self.how = (function, arguments)

    def __reduce__(self):
        return self.how


def hostile():
    for protocol in (0, 2, 4, 5):
        yield f"system_p{protocol}", pickle.dumps(Call(os.system, "echo harm"), protocol)
        yield f"eval_p{protocol}", pickle.dumps(Call(eval, "1+1"), protocol)
    good = pixels(3)
    yield "nested", pickle.dumps(Call(np.ndarray, Call(os.system, "echo harm")), 2)
    yield "in_list", pickle.dumps([good], 2)
    yield "in_dict", pickle.dumps({"image": good}, 2)
    yield "integer", pickle.dumps(7, 2)
    yield "text", pickle.dumps("abc", 2)
    yield "object_dtype", pickle.dumps(np.array([[None, 1, "x"]], dtype=object), 2)
    yield "text_dtype", pickle.dumps(np.array([["a", "b", "c"]]), 2)
    yield "complex_dtype", pickle.dumps(np.zeros((2, 3), np.complex64), 2)
    yield "structured_dtype", pickle.dumps(np.zeros((2, 3), [("a", "u1"), ("b", "u1")]), 2)
    yield "datetime_dtype", pickle.dumps(np.zeros((2, 3), "M8[s]"), 2)
    yield "one_dimension", pickle.dumps(np.zeros(6, np.uint8), 2)
    yield "four_dimensions", pickle.dumps(np.zeros((1, 2, 3, 3), np.uint8), 2)
    yield "four_channels", pickle.dumps(np.zeros((2, 3, 4), np.uint8), 2)
    yield "two_channels", pickle.dumps(np.zeros((2, 3, 2), np.uint8), 2)
    yield "no_dimension", pickle.dumps(np.array(5, np.uint8), 2)
    yield "no_elements", pickle.dumps(np.zeros((0, 3, 3), np.uint8), 4)
    head = b"\x80\x05cnumpy.core.numeric\n_frombuffer\n(C\x06abcdef"
    dtype = b"cnumpy\ndtype\nX\x02\0\0\0u1\x89\x88\x87R"
    tail = b"X\x01\0\0\0CtR."

    def shape(*sides):
        return b"(" + b"".join(b"\x8a\x08" + struct.pack("<q", side) for side in sides) + b"t"

    yield "huge_shape", head + dtype + shape(2**40, 2**40, 3) + tail
    yield "overflowing_shape", head + dtype + shape(2**62, 4, 6) + tail
    yield "negative_shape", head + dtype + shape(-1, -2, 3) + tail
    yield "both_negative", head + dtype + shape(-2, -3) + tail
    yield "too_few_bytes", head + dtype + shape(2, 2, 3) + tail
    yield "too_many_bytes", head + dtype + shape(1, 1, 3) + tail
    many = b"(" + b"".join(b"K\x01" for _ in range(200)) + b"t"
    yield "many_dimensions", head + dtype + many + tail
    yield "memo_loop", b"\x80\x02" + b"(" * 400 + b"h\x00" * 50 + b"."
    yield "memo_of_itself", b"\x80\x02cnumpy\ndtype\nX\x02\0\0\0u1\x89\x88\x87Rq\0h\0\x85b."
    yield "tuples_of_tuples", b"\x80\x02)" + b"q\x00h\x00\x86" * 300 + b"."
    yield "endless", b"\x80\x02" + b"N0" * 1000 + b"."
    yield "same_text_again", (b"\x80\x02c_codecs\nencode\nq\x00X\x20\0\0\0" + b"a" * 32 + b"X\x06\0\0\0latin1\x86q\x01R"
                              + b"h\x00h\x01R" * 100 + b".")
    yield "encode_other", pickle.dumps(Call(__import__("codecs").encode, "abc", "rot13"), 2)
    yield "bad_axes", b"\x80\x05cnumpy.core.numeric\n_frombuffer\n(C\x06abcdef" + dtype + b"K\x02K\x03\x86X\x01\0\0\0KK\x00K\x00\x86tR."
    yield "axes_out_of_range", b"\x80\x05cnumpy.core.numeric\n_frombuffer\n(C\x06abcdef" + dtype + b"K\x02K\x03\x86X\x01\0\0\0KK\x00K\x09\x86tR."
    yield "not_built", b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R."
    yield "no_dtype", head + b"N" + shape(2, 1, 3) + tail
    yield "huge_length", b"\x80\x04\x8e" + b"\xff" * 8 + b"abc."
    yield "protocol_9", b"\x80\x09N."
    yield "persistent_id", b"Pabc\n."
    buffers = []
    yield "out_of_band", pickle.dumps(good, 5, buffer_callback=buffers.append)
    yield "extension_code", b"\x80\x02\x82\x01."
    yield "instance", b"(ios\nsystem\n."
    yield "nothing", b""
    yield "dot", b"."


def main():
    prefix = sys.argv[1]
    cases = {}
    for name, array in arrays():
        protocols = range(6) if name in ("bgr_u1", "grey_u1_2d", "bgr_fortran", "bgr_view") else (2, 5)
        for protocol in protocols:
            cases[f"{name}_p{protocol}"] = pickle.dumps(array, protocol)
    plain = io.BytesIO()
    pickle._Pickler(plain, 2).dump(pixels(3))  # the pickler written in Python
    cases["bgr_python_p2"] = plain.getvalue()
    every_byte = np.arange(768, dtype=np.uint8).reshape(16, 16, 3)
    for protocol in (0, 2):
        cases[f"every_byte_p{protocol}"] = pickle.dumps(every_byte, protocol)
    cases = {f"{prefix}_{name}": data for name, data in cases.items()}
    if prefix == "numpy2":
        cases |= {name: pickle.dumps(array, 4) for name, array in clamped()}
        cases |= {f"hostile_{name}": data for name, data in hostile()}
    lines = TARGET.read_text().splitlines() if TARGET.exists() else []
    others = [line for line in lines if prefix == "numpy1" and not line.startswith("numpy1_")
              or prefix == "numpy2" and line.startswith("numpy1_")]
    new = [f"{name} {base64.b64encode(data).decode()}" for name, data in cases.items()]
    TARGET.write_text("\n".join(sorted(others + new)) + "\n")


if __name__ == "__main__":
    main()
