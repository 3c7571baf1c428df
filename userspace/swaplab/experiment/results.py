# SPDX-License-Identifier: GPL-2.0
"""The results of an experiment: a file with a line of JSON for each cell."""

import hashlib
import json
import os

from document import Wrong
from replacement import replacing


def canonical(value):
    """The same text for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def identity(inputs):
    """Of a cell: all that makes its result."""
    return hashlib.sha256(canonical(inputs).encode()).hexdigest()[:24]


def hash_file(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Results:
    """Lines {"cell": identity, "inputs": {...}, "result": {...}}."""

    def __init__(self, path):
        self.path = path
        self.lines = {}
        if os.path.exists(path):
            self._read()

    def _read(self):
        with open(self.path, encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = json.loads(text)
                    self.add(line["inputs"], line["result"])
                except (ValueError, TypeError, KeyError):
                    raise Wrong(f"{self.path}:{number}: not a result; "
                                "take the line, or the file, away") from None

    def has(self, inputs):
        return identity(inputs) in self.lines

    def add(self, inputs, result):
        cell = identity(inputs)
        self.lines[cell] = {"cell": cell, "inputs": inputs, "result": result}

    def write(self, order):
        """The lines of these cells, in their order."""
        with replacing(self.path) as file:
            for inputs in order:
                line = self.lines.get(identity(inputs))
                if line:
                    file.write(canonical(line) + "\n")
