# SPDX-License-Identifier: GPL-2.0
"""A TOML file, with the line of each of its keys, for messages."""

import difflib
import os
import re
import stat
import tomllib


class Wrong(Exception):
    """An error of the user's, with the place where it is."""


def nearest(word, words):
    """A hint, if the word is nearly one of these."""
    close = difflib.get_close_matches(word, list(words), 1)
    return f"; did you mean {close[0]}?" if close else ""


class Document:
    """The content of a file, as tomllib has it, which knows of no lines."""

    def __init__(self, path):
        self.path = path
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Wrong(f"{path}: not a regular file")
        try:
            with open(path, encoding="utf-8") as file:
                self.lines = file.read().splitlines()
        except UnicodeDecodeError:
            raise Wrong(f"{path}: not a text in UTF-8") from None
        try:
            self.content = tomllib.loads("\n".join(self.lines) + "\n")
        except tomllib.TOMLDecodeError as error:
            raise self._syntax(str(error)) from None

    def _syntax(self, text):
        """tomllib says "(at line 3, column 5)" behind its message."""
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", text)
        if not place:
            return Wrong(f"{self.path}: {text}")
        line = place[1] or len(self.lines)
        return Wrong(f"{self.path}:{line}: {text[:place.start()]}")

    def _begin_of(self, table, index):
        """The line of "[[table]]" number index; the first line for the top."""
        if table is None:
            return 0
        header = re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?")
        found = [i for i, line in enumerate(self.lines) if header.match(line)]
        return found[index] if index < len(found) else 0

    def line_of(self, table, index, key=None, value=None):
        """The number of the line of a key, of a string in its list, or of a table."""
        begin = line = self._begin_of(table, index)
        if key is not None:
            wanted = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
            for i in range(begin + (table is not None), len(self.lines)):
                if re.match(r"\s*\[", self.lines[i]):
                    break
                if wanted.match(self.lines[i]):
                    line = i
                    break
        if isinstance(value, str):
            for i in range(line, len(self.lines)):
                if f'"{value}"' in self.lines[i] or f"'{value}'" in self.lines[i]:
                    line = i
                    break
        return line + 1

    def wrong(self, text, table=None, index=0, key=None, value=None):
        """An error at a key."""
        line = self.line_of(table, index, key, value)
        where = f"{key}: " if key else ""
        return Wrong(f"{self.path}:{line}: {where}{text}")
