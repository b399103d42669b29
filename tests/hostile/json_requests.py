"""Hostile JSON, queries, URLs, forms and model ids: what each attacks, and the request. All are refused with 4xx."""
import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HostileRequest:
    name: str
    attacks: str
    path: str = "/infer/object_detection"
    body: bytes = b""
    headers: dict = field(default_factory=lambda: {"Content-Type": "application/json"})
    method: str = "POST"


def detection(model="emoji-detection/1", image=None, **fields):
    image = {"type": "base64", "value": "aGVsbG8="} if image is None else image
    return json.dumps({"model_id": model, "image": image, **fields}).encode()


def of_url(name, attacks, url):
    return HostileRequest("url_" + name, attacks, body=detection(image={"type": "url", "value": url}))


def of_model(name, attacks, model):
    return HostileRequest("model_" + name, attacks, body=detection(model))


def of_form(name, attacks, content_type, body):
    return HostileRequest("form_" + name, attacks, "/emoji-detection/1", body, {"Content-Type": content_type})


HOSTILE_REQUESTS = [
    HostileRequest("json_deep_lists", "the stack: 100,000 lists in each other", body=b"[" * 100_000),
    HostileRequest("json_deep_objects", "the stack: 50,000 objects in a field", body=b'{"image":' + b'{"a":' * 50_000),
    HostileRequest("json_deep_ignored", "the stack, in a field that nobody reads",
                   body=b'{"model_id":"emoji-detection/1","unread":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    HostileRequest("json_many_keys", "memory: 300,000 unknown keys",
                   body=b"{" + b",".join(b'"k%d":0' % i for i in range(300_000)) + b"}"),
    HostileRequest("json_number", "time: a number of a million digits", body=detection()[:-1] + b',"confidence":' + b"9" * 1_000_000 + b"}"),
    HostileRequest("json_exponent", "a number that no float can hold", body=detection()[:-1] + b',"confidence":1e999999}'),
    HostileRequest("json_not_a_number", "a threshold that every comparison fails", body=detection()[:-1] + b',"confidence":NaN}'),
    HostileRequest("json_surrogate", "half a character", body=detection()[:-1] + b',"id":"\\ud800"}'),
    HostileRequest("json_bad_utf8", "bytes that are no text", body=detection()[:-1] + b',"id":"\xff\xfe"}'),
    HostileRequest("json_two_documents", "a second document behind the first", body=detection() + detection()),
    HostileRequest("json_empty", "no body", body=b""),
    HostileRequest("json_nul", "a NUL before the text", body=b"\0" + detection()),
    HostileRequest("json_utf16", "another encoding", body=detection().decode().encode("utf-16")),
    HostileRequest("images_100000", "memory: a list of 100,000 images",
                   body=detection(image=[{"type": "base64", "value": ""}] * 100_000)),
    HostileRequest("image_file", "the server's own files", body=detection(image={"type": "file", "value": "/etc/passwd"})),
    HostileRequest("image_unknown_type", "a type that is not there", body=detection(image={"type": "__class__", "value": ""})),
    HostileRequest("image_bad_padding", "a decoder that reads past the end", body=detection(image={"type": "base64", "value": "A"})),
    HostileRequest("image_blank", "20 MB of white space as an image",
                   body=detection(image={"type": "base64", "value": " " * 20_000_000})),
    HostileRequest("query_stroke", "an integer that overflows", "/emoji-detection/1?stroke=99999999999999999999", b"aGVsbG8=",
                   {"Content-Type": "text/plain"}),
    HostileRequest("query_confidence", "a threshold that is no number", "/emoji-detection/1?confidence=0x1p", b"aGVsbG8=",
                   {"Content-Type": "text/plain"}),
    HostileRequest("query_bytes", "bytes that are no text", "/emoji-detection/1?image_type=%ff%fe%00", b"aGVsbG8=",
                   {"Content-Type": "text/plain"}),
    HostileRequest("no_content_type", "a guess at what the body is", "/emoji-detection/1", b"aGVsbG8=", {"Content-Type": None}),
    HostileRequest("method", "a method that is not there", "/model/clear", method="DELETE"),
    of_url("file", "the server's own files", "file:///etc/passwd"),
    of_url("gopher", "another protocol: bytes to any port", "gopher://127.0.0.1:6379/_FLUSHALL"),
    of_url("dict", "another protocol", "dict://127.0.0.1:11211/stats"),
    of_url("loopback", "the server's own network", "http://127.0.0.1:9/"),
    of_url("localhost", "the same, by name", "http://localhost:9/"),
    of_url("metadata", "the cloud's keys", "http://169.254.169.254/latest/meta-data/"),
    of_url("private", "the inner network", "http://10.0.0.1/"),
    of_url("decimal", "loopback, as one number", "http://2130706433:9/"),
    of_url("octal", "loopback, in octal", "http://0177.0.0.1:9/"),
    of_url("hexadecimal", "loopback, in hexadecimal", "http://0x7f000001:9/"),
    of_url("short", "loopback, in two parts", "http://127.1:9/"),
    of_url("unspecified", "this host, by the address of none", "http://0.0.0.0:9/"),
    of_url("v6_loopback", "loopback, in IPv6", "http://[::1]:9/"),
    of_url("v6_mapped", "loopback, mapped into IPv6", "http://[::ffff:127.0.0.1]:9/"),
    of_url("v6_link_local", "the neighbours", "http://[fe80::1]/"),
    of_url("v6_nat64", "loopback behind a translator's prefix", "http://[64:ff9b::7f00:1]:9/"),
    of_url("user", "a host that is only a user's name", "http://example.com@127.0.0.1:9/"),
    of_url("backslash", "a host that parsers disagree on", "http://example.com\\@127.0.0.1:9/"),
    of_url("line_feed", "header injection", "http://127.0.0.1:9/\r\nX: y"),
    of_url("full_width", "digits that become others", "http://\uff11\uff12\uff17.0.0.1:9/"),
    of_url("empty", "no URL", ""),
    of_url("long", "a URL of a megabyte", "http://127.0.0.1:9/" + "a" * 1_000_000),
    of_model("parent", "a folder outside the models", "../../etc"),
    of_model("absolute", "an absolute path", "/etc/passwd"),
    of_model("nul", "a name that ends early in C", "emoji-detection/1\0"),
    of_model("backslash", "a separator of another system", "..\\..\\etc"),
    of_model("long", "a name longer than a file's may be", "a" * 100_000 + "/1"),
    of_model("segments", "more folders than an id has", "a/b/c/d"),
    of_model("line_feed", "a line of its own in the log", "emoji\nERROR all is lost/1"),
    of_model("empty", "no name", ""),
    HostileRequest("path_escaped_parent", "a folder outside the models, escaped", "/..%2f..%2fetc/passwd", b"aGVsbG8=",
                   {"Content-Type": "text/plain"}),
    of_form("no_boundary", "a form without a boundary", "multipart/form-data", b"--b\r\n\r\n--b--"),
    of_form("long_boundary", "time: a boundary of 100,000 characters", "multipart/form-data; boundary=" + "b" * 50_000, b"x" * 1000),
    of_form("not_closed", "a form that does not end", "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nabc'),
    of_form("many_parts", "memory: 100,000 parts", "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n' * 100_000 + b"--b--"),
    of_form("no_file", "a form without the file", "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nabc\r\n--b--'),
]
