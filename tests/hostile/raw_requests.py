"""Hostile bytes on the connection: what each attacks, and the bytes. Each is answered once, with 4xx, and the connection is
closed."""
from dataclasses import dataclass


@dataclass(frozen=True)
class RawInput:
    name: str
    attacks: str
    data: bytes


def post(fields, body=b"", path=b"/infer/object_detection"):
    return b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n" + body


RAW_INPUTS = [
    RawInput("length_and_chunks", "request smuggling: two ways to tell where the body ends",
             post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\nGET /secret HTTP/1.1\r\n\r\n")),
    RawInput("two_lengths", "request smuggling: two lengths that differ",
             post(b"Content-Length: 4\r\nContent-Length: 9\r\n", b"abcdefghi")),
    RawInput("length_with_sign", "request smuggling: a length that some parsers read as 4", post(b"Content-Length: +4\r\n", b"abcd")),
    RawInput("length_over_64_bits", "integer overflow in the length", post(b"Content-Length: 18446744073709551617\r\n", b"a")),
    RawInput("encoding_twice", "request smuggling: an encoding hidden behind another",
             post(b"Transfer-Encoding: identity, chunked\r\n", b"0\r\n\r\n")),
    RawInput("encoding_with_tab", "request smuggling: an encoding that some parsers do not see",
             post(b"Transfer-Encoding:\tchunked\x0b\r\n", b"0\r\n\r\n")),
    RawInput("chunk_size_overflow", "integer overflow in a chunk's size",
             post(b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\nabc\r\n0\r\n\r\n")),
    RawInput("chunk_size_negative", "a chunk's size with a sign",
             post(b"Transfer-Encoding: chunked\r\n", b"-1\r\nabc\r\n0\r\n\r\n")),
    RawInput("no_host", "routing by a missing Host", b"GET /info HTTP/1.1\r\n\r\n"),
    RawInput("two_hosts", "cache poisoning by a second Host", b"GET /info HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    RawInput("nul_in_path", "a path that ends early in C", b"GET /info%00.jpg HTTP/1.1\r\nHost: x\r\n\r\n"),
    RawInput("broken_escape", "a decoder that reads past the end of an escape", b"GET /info%4 HTTP/1.1\r\nHost: x\r\n\r\n"),
    RawInput("space_in_target", "a request line that is split elsewhere", b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
    RawInput("space_before_colon", "request smuggling: a field name with a space", b"GET /info HTTP/1.1\r\nHost : x\r\n\r\n"),
    RawInput("bare_line_feeds", "request smuggling: line ends that proxies read differently",
             b"GET /info HTTP/1.1\nHost: x\n\n"),
    RawInput("endless_line", "memory: a request line without an end", b"GET /" + b"a" * 200_000),
    RawInput("endless_header", "memory: a header without an end", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 40_000),
    RawInput("many_fields", "memory and time: thousands of small fields",
             b"GET /info HTTP/1.1\r\nHost: x\r\n" + b"A:b\r\n" * 5_000 + b"\r\n"),
    RawInput("endless_chunk_extension", "memory: a chunk extension without an end",
             post(b"Transfer-Encoding: chunked\r\n", b"1;" + b"x" * 300_000)),
    RawInput("declared_terabyte", "memory: a length that would be set aside", post(b"Content-Length: 1099511627776\r\n", b"{")),
    RawInput("http2_preface", "another protocol on the port", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    RawInput("tls_hello", "another protocol on the port", bytes.fromhex("1603010200010001fc0303") + bytes(300)),
    RawInput("only_garbage", "bytes of no protocol", bytes(range(256)) * 20),
    RawInput("version_9", "a version that is not there", b"GET /info HTTP/9.9\r\nHost: x\r\n\r\n"),
    RawInput("no_version", "HTTP/0.9", b"GET /info\r\n\r\n"),
]
