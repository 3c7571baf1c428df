# SPDX-License-Identifier: GPL-2.0
"""The plan of an experiment: its file, checked, as traces, programs and policies."""

import dataclasses
import os

from document import Document, Wrong, nearest

TOP_KEYS = ("title", "frames", "policies", "policy", "visibility", "tick", "warm-up",
            "seeds", "trace", "program")
TRACE_KEYS = ("file", "name", "format")
PROGRAM_KEYS = ("command", "name", "frames", "repeats", "stock", "kernels")
SEED = "{seed}"


@dataclasses.dataclass
class Policy:
    """A policy with the parameters that the file gives, one value for each."""
    name: str
    parameters: dict
    index: int | None       # of its [[policy]]; None: it is in policies


@dataclasses.dataclass
class Trace:
    name: str
    path: str
    format: str | None
    index: int


@dataclasses.dataclass
class Program:
    name: str
    command: list
    frames: list | None
    repeats: int
    stock: list
    kernels: list
    index: int

    def seeds(self, seeds):
        """Those that its command has a place for, or none."""
        return seeds if any(SEED in word for word in self.command) else [None]


class Plan:
    """What the file of an experiment asks for."""

    def __init__(self, path):
        self.path = path
        self.document = Document(path)
        self.content = self.document.content
        self._check_keys(None, 0, self.content, TOP_KEYS)
        self.title = self._text("title", os.path.basename(path))
        self.frames = self._sizes(None, 0, self.content, "frames", [])
        self.visibility = self._texts("visibility", ["full"])
        self.ticks = self._sizes(None, 0, self.content, "tick", ["1F"])
        self.warm_up = self._sizes(None, 0, self.content, "warm-up", [None])
        self.seeds = self._seeds()
        self.policies = self._policies()
        self.traces = [self._trace(i, t) for i, t in enumerate(self._tables("trace"))]
        self.programs = [self._program(i, t) for i, t in enumerate(self._tables("program"))]
        self._check()

    def wrong(self, text, *place):
        return self.document.wrong(text, *place)

    def _check(self):
        if not self.traces and not self.programs:
            raise self.wrong("nothing to run: it needs [[trace]] or [[program]]")
        if not self.policies:
            raise self.wrong('no policies: it needs policies = ["lru"], or [[policy]]')
        if len(self.warm_up) > 1:
            raise self.wrong("one number is wanted", None, 0, "warm-up")
        for table, things in ("trace", self.traces), ("program", self.programs):
            names = [thing.name for thing in things]
            for thing in things:
                if names.index(thing.name) != thing.index:
                    raise self.wrong(f"{thing.name}: given twice; give it another name",
                                     table, thing.index)

    def _check_keys(self, table, index, content, keys):
        for key in content:
            if key not in keys:
                raise self.wrong(f"there is no such key{nearest(key, keys)}",
                                 table, index, key)

    def _tables(self, name):
        tables = self.content.get(name, [])
        if not isinstance(tables, list) or any(not isinstance(t, dict) for t in tables):
            raise self.wrong(f"tables [[{name}]] are wanted", name, 0)
        return tables

    def _text(self, key, default):
        value = self.content.get(key, default)
        if not isinstance(value, str):
            raise self.wrong("a string is wanted", None, 0, key)
        return value

    def _list(self, table, index, content, key, default):
        """A single value is a list of one; one that is empty or has anything twice is wrong."""
        values = content.get(key, default)
        values = values if isinstance(values, list) else [values]
        if not values and key in content:
            raise self.wrong("the list is empty", table, index, key)
        for i, value in enumerate(values):
            if value in values[:i]:
                raise self.wrong(f"{value}: given twice", table, index, key)
        return values

    def _texts(self, key, default):
        values = self._list(None, 0, self.content, key, default)
        if any(not isinstance(value, str) for value in values):
            raise self.wrong("strings are wanted", None, 0, key)
        return values

    def _sizes(self, table, index, content, key, default):
        """Numbers, or strings such as "25%", which the simulator knows."""
        values = self._list(table, index, content, key, default)
        for value in values:
            if isinstance(value, bool) or not isinstance(value, (int, str, type(None))):
                raise self.wrong('whole numbers, or strings such as "25%" are wanted',
                                 table, index, key)
        return [value if value is None else str(value) for value in values]

    def _numbers(self, table, index, content, key, default):
        values = self._list(table, index, content, key, default)
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise self.wrong("whole numbers are wanted", table, index, key)
        return values

    def _seeds(self):
        return self._numbers(None, 0, self.content, "seeds", [1])

    def _policies(self):
        policies = [Policy(name, {}, None) for name in self._texts("policies", [])]
        for index, content in enumerate(self._tables("policy")):
            name = content.get("name")
            if not isinstance(name, str):
                raise self.wrong("it needs a name", "policy", index)
            policies += self._variants(name, index, content)
        return policies

    def _variants(self, name, index, content):
        """A policy for each combination of the values of its parameters."""
        variants = [{}]
        for key in content:
            if key == "name":
                continue
            values = self._numbers("policy", index, content, key, None)
            variants = [{**variant, key: value} for variant in variants for value in values]
        return [Policy(name, variant, index) for variant in variants]

    def _trace(self, index, content):
        self._check_keys("trace", index, content, TRACE_KEYS)
        for key, value in content.items():
            if not isinstance(value, str):
                raise self.wrong("a string is wanted", "trace", index, key)
        if "file" not in content:
            raise self.wrong("it needs a file", "trace", index)
        path = os.path.join(os.path.dirname(self.path), content["file"])
        if not os.access(path, os.R_OK):
            raise self.wrong(f"{path}: no file that can be read", "trace", index, "file")
        name = content.get("name", os.path.basename(path).split(".")[0])
        return Trace(name, path, content.get("format"), index)

    def _program(self, index, content):
        self._check_keys("program", index, content, PROGRAM_KEYS)
        command = content.get("command")
        if not isinstance(command, list) or not command or \
                any(not isinstance(word, str) for word in command):
            raise self.wrong('it needs a list, such as ["sort", "file"]', "program", index,
                             "command")
        name = content.get("name", os.path.basename(command[0]))
        repeats = self._numbers("program", index, content, "repeats", 3)
        if len(repeats) > 1 or not repeats[0]:
            raise self.wrong("one number from 1 on is wanted", "program", index, "repeats")
        frames = self._sizes("program", index, content, "frames", []) or None
        return Program(name, command, frames, repeats[0],
                       self._words(index, content, "stock", ["lru", "mglru"]),
                       self._words(index, content, "kernels", []), index)

    def _words(self, index, content, key, default):
        words = self._list("program", index, content, key, default)
        if any(not isinstance(word, str) for word in words):
            raise self.wrong("strings are wanted", "program", index, key)
        return words
