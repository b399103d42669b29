"""The Debian package's life: install, run by its unit's command line, upgrade, remove, purge."""
import re
import shlex
import shutil

from bare_root import free_port, say, server
from prediction import check_prediction

UNIT = "/usr/lib/systemd/system/osprey.service"
DROP_IN = "/usr/lib/systemd/system/osprey.service.d/user.conf"
OWN_MODEL = "/var/lib/osprey/models/mine/1/weights.onnx"
SETTINGS = "/etc/osprey/osprey.yaml"


def unit_value(root, name):
    """The last value of a key of the unit with its drop-in, as systemd would read it."""
    text = root.path(UNIT).read_text() + root.path(DROP_IN).read_text()
    return re.findall(rf"^{name}=-?(.+)$", text, re.M)[-1]


def run_by_its_unit(root, what):
    port = free_port()
    # What systemd would read from EnvironmentFile; another server may have this machine's port 9001.
    environment = {"PORT": str(port)}
    with server(root, shlex.split(unit_value(root, "ExecStart")), port, cwd=unit_value(root, "WorkingDirectory"),
                user=unit_value(root, "User"), environment=environment):
        check_prediction(port, what)


def install(root, package):
    shutil.copy(package, root.path("/tmp"))
    root.run(f"apt-get -qq install -y --no-install-recommends /tmp/{package.name}", quiet=False)


def check(machine, checkout, debian):
    say("deb: make deb, and the same as a later version")
    machine.run("make deb; rm -rf build/deb-next; scripts/make_deb.sh build/release build/deb-next 0.1.0-2", checkout,
                quiet=False)
    first, = machine.path(checkout).glob("build/deb/osprey_*.deb")
    second, = machine.path(checkout).glob("build/deb-next/osprey_*.deb")
    say(f"  {first.name}: {first.stat().st_size / 1e6:.1f} MB")
    say("deb: lintian")
    machine.run("apt-get -qq install -y --no-install-recommends lintian")
    machine.run(f"lintian --fail-on error,warning --allow-root build/deb/*.deb", checkout, quiet=False)

    say("deb: install")
    debian.run("apt-get -qq update")
    before = debian.read("find / -xdev \\( -path /proc -o -path /tmp -o -path /var/lib/dpkg -o -path /var/cache/apt "
                         "-o -path /var/lib/apt -o -path /var/log \\) -prune -o -print | sort")
    install(debian, first)
    assert debian.read("id -u osprey"), "no user osprey"
    run_by_its_unit(debian, "by the unit's command line")
    assert debian.read("stat -c %U /var/cache/osprey") == "osprey"
    assert debian.read("find /var/cache/osprey -type f | head -1"), "nothing in the cache"
    assert debian.read("/usr/sbin/runuser -u osprey -- test -w /usr/lib/osprey") is None

    say("deb: upgrade")
    debian.run(f"sed -i 's/^# max_active_models: 8/max_active_models: 3/' {SETTINGS}")
    debian.run(f"mkdir -p {OWN_MODEL.rsplit('/', 1)[0]}; cp /usr/share/osprey/models/emoji-detection/1/* "
               f"{OWN_MODEL.rsplit('/', 1)[0]}; rm -r /var/lib/osprey/models/emoji-multilabel")
    cached = debian.read("find /var/cache/osprey -type f | sort")
    install(debian, second)
    assert debian.read("dpkg-query -W -f '${Version}' osprey") == "0.1.0-2"
    assert "max_active_models: 3" in debian.path(SETTINGS).read_text(), "the settings were written over"
    assert debian.read("find /var/cache/osprey -type f | sort") == cached, "the cache was lost"
    assert debian.path(OWN_MODEL).exists(), "a model was lost"
    assert not debian.path("/var/lib/osprey/models/emoji-multilabel").exists(), "a removed demo model came back"
    run_by_its_unit(debian, "after the upgrade")

    say("deb: remove")
    debian.run("apt-get -qq remove -y osprey", quiet=False)
    assert not debian.path("/usr/bin/inference").exists()
    assert not debian.path("/usr/lib/osprey").exists()
    assert "max_active_models: 3" in debian.path(SETTINGS).read_text(), "remove took the settings"
    assert debian.path(OWN_MODEL).exists(), "remove took a model"

    say("deb: purge")
    debian.run("apt-get -qq purge -y osprey", quiet=False)
    assert debian.path(OWN_MODEL).exists(), "purge took a model of the operator's own"
    for gone in ("/etc/osprey", "/var/cache/osprey", "/var/lib/osprey/models/emoji-detection"):
        assert not debian.path(gone).exists(), f"purge has left {gone}"
    install(debian, second)
    debian.run("rm -r /var/lib/osprey/models/mine; apt-get -qq purge -y --auto-remove osprey", quiet=False)
    after = debian.read("find / -xdev \\( -path /proc -o -path /tmp -o -path /var/lib/dpkg -o -path /var/cache/apt "
                        "-o -path /var/lib/apt -o -path /var/log \\) -prune -o -print | sort")
    left = sorted(set(after.splitlines()) - set(before.splitlines()))
    ours = [path for path in left if "osprey" in path or "inference" in path]
    assert not ours, f"purge has left {ours}"
    assert debian.read("id -u osprey") is None, "purge has left the user"
