#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""
Runs a program on a device, and looks at it: latencies of the device, and CPU time of the
program and of the daemon. "swaplab with" runs this, with the device set up. To measure
latencies takes time, so times come from other runs.

Usage: observe.py FILE-TO-WRITE [--] PROGRAM [ARGUMENT]...
"""

import json
import os
import signal
import subprocess
import sys
import tempfile


def call(*words):
    """The command's output, or None."""
    done = subprocess.run([os.environ["SWAPLAB_COMMAND"], *words], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return None if done.returncode else done.stdout


def daemon_seconds(device):
    """CPU time of the device's kernel threads, which count in nanoseconds."""
    total = 0
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            with open(f"/proc/{name}/comm", encoding="utf-8", errors="replace") as file:
                comm = file.read().strip()
            if comm.split(":")[0] == f"kswaplabd/{device}":
                with open(f"/proc/{name}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e9


def observe(device, stats, program):
    """Runs the program, and returns its status and CPU time."""
    with subprocess.Popen([os.environ["SWAPLAB_COMMAND"], "run", "--device", device, "--quiet",
                           "--stats", stats, "--", *program], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as child:
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            signal.signal(number, lambda number, _: child.send_signal(number))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, usage


def main():
    path, *program = sys.argv[1:]
    device = os.path.basename(os.environ["SWAPLAB_DEVICE"])
    number = device.removeprefix("swaplab")
    call("latency", "--device", device, "--reset")
    before = daemon_seconds(number)
    with tempfile.NamedTemporaryFile() as stats:
        status, usage = observe(device, stats.name, program)
        if status:
            return status
        with open(stats.name, encoding="utf-8") as file:
            run = json.load(file)
    result = {"run": run, "latency": json.loads(call("latency", "--device", device, "--json")),
              "user_seconds": usage.ru_utime, "system_seconds": usage.ru_stime,
              "daemon_seconds": daemon_seconds(number) - before}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
