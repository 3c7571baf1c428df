# SPDX-License-Identifier: GPL-2.0
"""A file that is whole at any time: its new content takes the place of the old one at the end."""

import contextlib
import os
import secrets


@contextlib.contextmanager
def replacing(path):
    """A file to write to. Another user can neither guess its name nor have made it."""
    temporary = f"{path}.{secrets.token_hex(8)}"
    with open(temporary, "x", encoding="utf-8") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
