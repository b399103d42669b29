"""Pickles that mean harm, or are no array: made opcode by opcode, so that nothing here needs to run them."""
import io
import pickle
import struct

import numpy

U32, U64 = struct.Struct("<I"), struct.Struct("<Q")
ARRAY = numpy.arange(4 * 5 * 3, dtype=numpy.uint8).reshape(4, 5, 3)


def text(value):
    return b"X" + U32.pack(len(value.encode())) + value.encode()


def globally(module, name):
    return f"c{module}\n{name}\n".encode()


def called(module, name, argument):
    """module.name(argument), as an older pickle calls a function."""
    return b"\x80\x02" + globally(module, name) + text(argument) + b"\x85R."


def executing(canary):
    """{name: pickle}: whoever unpickles one in Python makes the file `canary`."""
    command, code = f"touch {canary}", f"open({str(canary)!r}, 'w').close()"
    inner = globally("os", "system") + text(command) + b"\x85R"
    good = pickle.dumps(ARRAY, 2)
    made = {
        "os.system": called("os", "system", command),
        "posix.system": called("posix", "system", command),
        "subprocess": called("subprocess", "getoutput", command),
        "builtins.eval": called("builtins", "eval", code),
        "builtins.exec": called("builtins", "exec", code),
        "python 2 eval": called("__builtin__", "eval", code),
        "protocol 0": b"cos\nsystem\n(S'" + command.encode() + b"'\ntR.",
        "the INST opcode": b"(S'" + command.encode() + b"'\nios\nsystem\n.",
        "the OBJ opcode": b"(" + globally("os", "system") + text(command) + b"o.",
        "NEWOBJ": b"\x80\x02" + globally("os", "system") + text(command) + b"\x85\x81.",
        "NEWOBJ_EX": b"\x80\x04" + text("os") + text("system") + b"\x93" + text(command) + b"\x85}\x92.",
        "STACK_GLOBAL": b"\x80\x04" + text("os") + text("system") + b"\x93" + text(command) + b"\x85R.",
        "nested reduce": b"\x80\x02" + globally("builtins", "list") + b"(" + inner + b"l\x85R.",
        "inside an array's state": good[:-2] + inner + b"b.",
        "before an array": b"\x80\x02" + inner + b"0" + good[2:],
        "as an array's argument": b"\x80\x02" + globally("numpy.core.multiarray", "_reconstruct") + b"(" + inner +
                                  b"K\x00\x85C\x01bt" + b"R.",
        "BUILD of a function": b"\x80\x02" + globally("os", "environ") + b"}" + text("A") + text("B") + b"sb.",
        "numpy.load": called("numpy", "load", str(canary)),
        "numpy's own exec": called("numpy.testing._private.utils", "runstring", code),
        "operator.attrgetter": called("operator", "attrgetter", "system"),
        "dotted name": b"\x80\x04" + text("numpy") + text("os.system") + b"\x93" + text(command) + b"\x85R.",
    }
    return made


def array_pickle(shape, dtype=b"u1", data=b"\x00" * 12, version=b"K\x01", fortran=b"\x89"):
    """A pickle in the array's form with these parts, whether they fit each other or not."""
    def number(value):
        return b"\x8a\x09" + value.to_bytes(9, "little", signed=True)
    head = b"\x80\x02" + globally("numpy.core.multiarray", "_reconstruct") + globally("numpy", "ndarray")
    head += b"K\x00\x85C\x01b\x87R("
    kind = globally("numpy", "dtype") + text(dtype.decode()) + b"K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xff" + \
        b"J\xff\xff\xff\xffK\x00tb"
    return (head + version + b"(" + b"".join(map(number, shape)) + b"t" + kind + fortran +
            b"B" + U32.pack(len(data)) + data + b"tb.")


def misshapen():
    """{name: pickle}: arrays that cannot be, or are no picture."""
    def dumped(array):
        return pickle.dumps(array, 2)
    return {
        "huge shape": array_pickle((100_000, 100_000, 3)),
        "shape past 64 bits": array_pickle((2**62, 2**62, 3)),
        "product wraps to what is there": array_pickle((2**63 - 1, 4, 3)),
        "negative shape": array_pickle((-2, -2, 3)),
        "one negative side": array_pickle((-1, 4, 3)),
        "zero side": array_pickle((0, 4, 3), data=b""),
        "more pixels than bytes": array_pickle((4, 4, 3)),
        "fewer pixels than bytes": array_pickle((1, 1, 3)),
        "no shape": array_pickle((), data=b"\x00"),
        "one dimension": dumped(numpy.zeros(12, numpy.uint8)),
        "four dimensions": dumped(numpy.zeros((1, 2, 2, 3), numpy.uint8)),
        "two channels": dumped(numpy.zeros((4, 4, 2), numpy.uint8)),
        "four channels": dumped(numpy.zeros((4, 4, 4), numpy.uint8)),
        "many dimensions": array_pickle((1,) * 5000, data=b"\x00"),
        "objects": dumped(numpy.array([[object]] * 3)),
        "structured": dumped(numpy.zeros((4, 4), [("a", "u1"), ("b", "f4")])),
        "text": dumped(numpy.full((4, 4), "abc")),
        "bytes": dumped(numpy.full((4, 4), b"abc")),
        "complex": dumped(numpy.zeros((4, 4, 3), complex)),
        "times": dumped(numpy.zeros((4, 4, 3), "M8[s]")),
        "unknown element type": array_pickle((2, 2, 3), dtype=b"q9"),
        "element type of no size": array_pickle((2, 2, 3), dtype=b"V0"),
        "no array: a number": pickle.dumps(7),
        "no array: a list": pickle.dumps([[1, 2, 3]]),
        "no array: bytes": pickle.dumps(b"abc"),
        "no array: bytearray": pickle.dumps(bytearray(b"abc"), 5),
        "no array: a scalar of numpy": pickle.dumps(numpy.float32(3)),
        "no array: None": pickle.dumps(None),
        "two arrays": pickle.dumps((ARRAY, ARRAY)),
        "numpy's own file": npy(),
    }


def npy():
    buffer = io.BytesIO()
    numpy.save(buffer, ARRAY)
    return buffer.getvalue()


def malformed():
    """{name: pickle}: streams that a reader must not trust."""
    good2, good5 = pickle.dumps(ARRAY, 2), pickle.dumps(ARRAY, 5)
    frame = good5.index(b"\x95") + 1

    def framed(length):
        return good5[:frame] + U64.pack(length) + good5[frame + 8:]
    return {
        "empty object": b".",
        "only a protocol": b"\x80\x04",
        "protocol 6": b"\x80\x06" + good5[2:],
        "protocol 255": b"\x80\xff" + good5[2:],
        "an opcode that is none": b"\x80\x02\xff.",
        "stack underflow": b"\x80\x02R.",
        "no mark": b"\x80\x02t.",
        "pop of nothing": b"0000.",
        "list that holds itself": b"\x80\x02]q\x00h\x00a.",
        "dictionary that holds itself": b"\x80\x02}q\x00K\x01h\x00s.",
        "tuple of itself by memo": b"\x80\x02]q\x00h\x00\x85q\x01a.",
        "doubling": b"\x80\x02)" + b"2\x86" * 4000 + b".",
        "doubling by memo": b"\x80\x02)" + b"".join(
            b"r" + U32.pack(i) + b"j" + U32.pack(i) + b"\x86" for i in range(2000)) + b".",
        "memo that is not there": b"\x80\x02h\x07.",
        "memo of a huge number": b"\x80\x02Nr\xff\xff\xff\xff.",
        "many memos": b"\x80\x02N" + b"".join(b"r" + U32.pack(i * 65537 % 2**32) for i in range(20000)) + b"0.",
        "memo kept twice, then used as an array": b"\x80\x02Nq\x00K\x01q\x00h\x00.",
        "frame too long": framed(len(good5) * 2),
        "frame of 2**63": framed(2**63),
        "frame of 2**64-1": framed(2**64 - 1),
        "frame within the frame": b"\x80\x04\x95" + U64.pack(9) + b"\x95" + U64.pack(2**40) + b".",
        "persistent id as text": b"Pid\n.",
        "persistent id": b"\x80\x02K\x01Q.",
        "extension 1": b"\x80\x02\x82\x01.",
        "extension 2": b"\x80\x02\x83\x01\x00.",
        "extension 4": b"\x80\x02\x84\x01\x00\x00\x00.",
        "LONG4 of 2 GiB": b"\x80\x02\x8b\xff\xff\xff\x7f\x01.",
        "LONG4 of negative length": b"\x80\x02\x8b\xff\xff\xff\xff\x01.",
        "LONG1 that is cut": b"\x80\x02\x8a\xff\x01.",
        "bytes of 4 GiB": b"\x80\x03B\xff\xff\xff\xffabc.",
        "bytes of 2**63": b"\x80\x04\x8e" + U64.pack(2**63) + b"abc.",
        "bytearray of 2**62": b"\x80\x05\x96" + U64.pack(2**62) + b"abc.",
        "text of 2**63": b"\x80\x04\x8d" + U64.pack(2**63) + b"abc.",
        "text that is no UTF-8": b"\x80\x02X\x02\x00\x00\x00\xff\xfe.",
        "out-of-band buffer": b"\x80\x05\x97\x98.",
        "number of a million digits": b"I" + b"9" * 1_000_000 + b"\n.",
        "text without its end": b"S'abc.",
        "global without its end": b"cos",
        "100,000 marks": b"(" * 100_000 + b".",
        "nested 100,000 deep": b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b".",
        "tuples 100,000 deep": b"\x80\x02)" + b"\x85" * 100_000 + b".",
        "no end": good2[:-1],
        "bytes after the wrong end": b"." + good2,
    }
