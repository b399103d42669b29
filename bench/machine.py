"""The machine that measures, in words, and small things about processes."""
import os
import pathlib
import platform
import re
import socket

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def cores():
    return len(os.sched_getaffinity(0))


def describe():
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.*)", cpuinfo)
    flags = re.search(r"flags\s*:\s*(.*)", cpuinfo)
    instructions = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8")
                    if flags and name in flags.group(1).split()]
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1)) / 2**20
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    virtual = " (virtual machine)" if "hypervisor" in cpuinfo else ""
    return (f"{cores()} cores of {model.group(1) if model else platform.machine()}{virtual} with "
            f"{', '.join(instructions) or 'no vector extensions known here'}; {memory:.0f} GiB of memory; "
            f"{system.group(1) if system else platform.system()}, Linux {platform.release()}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def memory_mb(pid):
    """Resident memory."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def cpu_seconds(pid):
    """Processor time that a process has used so far, in user and kernel mode."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
