"""A bare Debian 12 in a folder, in which commands run as in a container that was just made. Needs root and mmdebstrap."""
import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

# Mirrors, proxies and certificates of this machine: the root asks for packages as this machine does.
PASSED_ON = ("PIP_", "SSL_", "CURL_", "REQUESTS_", "http_proxy", "https_proxy", "no_proxy")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
START_SECONDS = 30
STOP_SECONDS = 45


def say(text):
    print(f"package-check: {text}", flush=True)


def make_base(archive):
    """A minimal Debian 12 as a tar file; made once."""
    if archive.exists():
        return
    say("making a bare Debian 12")
    part = archive.with_suffix(".part.tar")
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", str(part)], check=True)
    part.rename(archive)


def unpack_base(archive, folder):
    """A root in the folder, with this machine's package settings and certificates."""
    folder.mkdir(parents=True)
    subprocess.run(["tar", "-C", str(folder), "-xf", str(archive), "--exclude=./dev/*"], check=True)
    for path in (folder / "etc/apt/sources.list", folder / "etc/apt/sources.list.d"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.copytree("/etc/apt", folder / "etc/apt", dirs_exist_ok=True)
    for file in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(file, folder / file[1:])
    # Debian's own package makes its file from these, where it is installed later.
    certificates = pathlib.Path("/usr/local/share/ca-certificates")
    if certificates.is_dir():
        shutil.copytree(certificates, folder / str(certificates)[1:], dirs_exist_ok=True)
    (folder / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", folder / "etc/ssl/certs/ca-certificates.crt")
    (folder / "root-is-ready").touch()


class BareRoot:
    """An unpacked base. Mounts live in each command's own namespace, so that nothing is left mounted."""

    def __init__(self, base, folder, binds=()):
        self.folder = pathlib.Path(folder)
        self.binds = list(binds)  # (path outside, path inside)
        self.environment = {"HOME": "/root", "PATH": PATH, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
                            **{name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}}
        self.environment.pop("PIP_FIND_LINKS", None)  # a folder of this machine
        if not (self.folder / "root-is-ready").exists():
            say(f"a fresh root: {self.folder.name}")
            shutil.rmtree(self.folder, ignore_errors=True)
            unpack_base(base, self.folder)

    def path(self, inside):
        return self.folder / str(inside).lstrip("/")

    def command(self, arguments, cwd="/", user=None, environment=None, read_only=False, writable=()):
        """The command line that runs `arguments` in the root; it becomes them, so that signals reach them."""
        root = shlex.quote(str(self.folder))
        # Not passed on to the machine's own mounts; a root can be made read-only only as a mount.
        steps = ["mount --make-rprivate /", f"mount --bind {root} {root}"]
        for outside, inside in [*self.binds, *((self.path(place), place) for place in writable)]:
            target = self.path(inside)
            target.mkdir(parents=True, exist_ok=True)
            steps.append(f"mount --bind {shlex.quote(str(outside))} {shlex.quote(str(target))}")
        if read_only:
            steps.append(f"mount -o remount,bind,ro {root}")
            steps.append(f"mount -t tmpfs tmpfs {root}/tmp")
        for folder in ("dev", "proc"):
            self.path(folder).mkdir(exist_ok=True)
        steps += [f"mount -t proc proc {root}/proc", f"mount --rbind /dev {root}/dev"]
        chroot = ["chroot", *([f"--userspec={user}"] if user else []), str(self.folder), "/usr/bin/env", "-i",
                  *(f"{name}={value}" for name, value in {**self.environment, **(environment or {})}.items()),
                  "/bin/sh", "-c", 'cd "$0" && exec "$@"', cwd, *arguments]
        return ["unshare", "--mount", "/bin/sh", "-ec", "; ".join(steps) + "; exec " + shlex.join(chroot)]

    def run(self, script, cwd="/", environment=None, quiet=True, binds=()):
        """Runs a shell script; its output goes to a log beside the root, of which a failure shows the end."""
        log = pathlib.Path(f"{self.folder}.log")
        self.binds += binds
        try:
            command = self.command(["/bin/bash", "-euc", script], cwd, environment=environment)
        finally:
            del self.binds[len(self.binds) - len(binds):]
        with log.open("ab") as output:
            output.write(f"\n$ {script}\n".encode())
            output.flush()
            begun = time.monotonic()
            status = subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                    check=False).returncode
        if not quiet or status != 0:
            say(f"  {time.monotonic() - begun:.0f} s: {script.strip().splitlines()[0][:100]}")
        if status != 0:
            raise SystemExit(f"package-check: exit status {status} in {self.folder.name} ({log}):\n"
                             + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))

    def read(self, script):
        """What a shell script writes; None when it fails."""
        done = subprocess.run(self.command(["/bin/bash", "-uc", script]), capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_healthy(process, port):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
            return
        time.sleep(0.02)
    raise AssertionError("the server does not answer" if process.poll() is None else "the server has ended")


@contextlib.contextmanager
def server(root, arguments, port, **how):
    """A server in the root, stopped by SIGTERM; it must end well."""
    log = pathlib.Path(f"{root.folder}.server.log")
    with log.open("wb") as output:
        begun = time.monotonic()
        process = subprocess.Popen(root.command(arguments, **how), stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        wait_until_healthy(process, port)
        say(f"  answers after {time.monotonic() - begun:.2f} s")
        yield process
        process.send_signal(signal.SIGTERM)
        status = process.wait(STOP_SECONDS)
        assert status == 0, f"exit status {status} after SIGTERM"
    except AssertionError as failure:
        raise SystemExit(f"package-check: {failure}; its output:\n{log.read_text(errors='replace')}") from failure
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
