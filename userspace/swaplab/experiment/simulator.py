# SPDX-License-Identifier: GPL-2.0
"""The simulator, as a program that is called."""

import json
import os
import subprocess
import tempfile

from document import Wrong
from results import hash_file

# Enough references for each option to be tried.
TRIAL = " ".join(str(page) for page in range(64)) + "\n"


def sim_options(policies, frames, parameters, rest):
    """Arguments; the rest are pairs of an option and its value, or None."""
    words = ["--policy", ",".join(policies)]
    words += ["--frames", ",".join(frames)] if frames else []
    for name, value in parameters.items():
        words += ["--param", f"{name}={value}"]
    for option, value in rest.items():
        words += [f"--{option}", str(value)] if value is not None else []
    return words


class Simulator:
    def __init__(self):
        self.path = os.environ["SWAPLAB_SIM"]   # the command says so
        self.hash = hash_file(self.path)
        self.version = None
        self.child = None

    def call(self, trace, options):
        """Its rows; a message of its own becomes Wrong."""
        self.child = subprocess.Popen([self.path, "--trace", trace, *options, "--json"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      text=True)
        out, complaints = self.child.communicate()
        status, self.child = self.child.returncode, None
        if status:
            lines = complaints.strip().splitlines() or [f"it ended with status {status}"]
            raise Wrong(lines[0].split(": ", 1)[-1].removeprefix("--"))
        return json.loads(out)

    def stop(self):
        if self.child:
            self.child.terminate()
            self.child.wait()

    def trial(self, policies, frames, parameters, **rest):
        """The rows of a short trace: are these options right, and what do they stand for?"""
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(TRIAL)
            file.flush()
            rows = self.call(file.name, sim_options(policies, frames, parameters, rest))
        self.version = rows[0]["version"]
        return rows
