"""TLS by setting: what the stock client and curl would see of it."""
import http.client
import socket
import ssl
import subprocess

import pytest
import requests

from places import MODELS, SHIPPED_SAMPLES
from server_process import ServerProcess, clean_environment, find_binary


def make_certificate(folder):
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


class TlsServer(ServerProcess):
    """The same server behind https; healthy is asked for with its own certificate."""

    def __init__(self, folder, environment=()):
        self.certificate, key = make_certificate(folder)
        super().__init__(find_binary(), MODELS, folder, environment={
            "ENABLE_HTTPS": "true", "SSL_CERTFILE": str(self.certificate), "SSL_KEYFILE": str(key), **dict(environment)})
        self.url = self.url.replace("http://", "https://")
        self.session = requests.Session()
        self.session.verify = str(self.certificate)
        self.session.trust_env = False  # a bundle of the environment would be taken before it

    def is_healthy(self):
        return self.session.get(self.url + "/healthz", timeout=2).status_code == 200


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with TlsServer(tmp_path_factory.mktemp("tls"), {"OSPREY_HEADER_SECONDS": "2"}) as running:
        yield running


def handshake(server, **limits):
    context = ssl.create_default_context(cafile=str(server.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    for name, value in limits.items():
        setattr(context, name, value)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
            return secure.version(), secure.selected_alpn_protocol()


def test_predicts_over_one_kept_connection(server):
    image = next(iter(sorted(SHIPPED_SAMPLES.glob("*.jpg")))).read_bytes()
    for _ in range(3):
        answer = server.session.post(server.url + "/emoji-detection/1", files={"file": image}, timeout=60)
        assert answer.status_code == 200 and answer.json()["predictions"]
    assert f"listening on {server.url}" in server.text()


def test_takes_large_bodies_and_gives_large_answers(server):
    answer = server.session.post(server.url + "/emoji-detection/1", data="A" * (20 << 20),
                                 headers={"Content-Type": "text/plain"}, timeout=60)
    assert answer.status_code == 400
    assert len(server.session.get(server.url + "/static/docs/redoc.standalone.js", timeout=60).content) > 500_000


def test_speaks_only_the_versions_that_are_safe(server):
    assert handshake(server) == ("TLSv1.3", "http/1.1")
    assert handshake(server, maximum_version=ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionError)), pytest.warns(DeprecationWarning):
        handshake(server, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)


def test_ends_connections_that_do_not_speak_tls(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        connection.request("GET", "/healthz")
        connection.getresponse()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent:
        assert silent.recv(1) == b"", "a peer that never begins is let go"
    assert server.is_healthy()


def test_a_certificate_that_cannot_be_used_is_named(tmp_path):
    certificate, key = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, other_key = make_certificate(tmp_path / "other")
    for cert_file, key_file, word in [(tmp_path / "none.crt", key, "none.crt"), (certificate, certificate, "server.crt"),
                                      (certificate, other_key, "mismatch")]:
        ended = subprocess.run(
            [find_binary(), "server", "start", "--port", "0", "--models", MODELS], cwd=tmp_path, timeout=30,
            capture_output=True, text=True, env=clean_environment({
                "ENABLE_HTTPS": "true", "SSL_CERTFILE": str(cert_file), "SSL_KEYFILE": str(key_file)}))
        assert ended.returncode == 1
        assert word in ended.stderr and ended.stderr.count("\n") == 1, ended.stderr
