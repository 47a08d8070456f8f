"""Whether a folder lies on a network share, where nobody tells us of changes."""

from __future__ import annotations

import re
from pathlib import Path

MOUNT_TABLE = Path("/proc/self/mountinfo")
NETWORK = re.compile(
    r"nfs\d?|cifs|smb\w*|9p|drvfs|afs|ceph|glusterfs|lustre|davfs\d?|ncpfs|vboxsf|vmhgfs|prl_fs|virtiofs|fuse(\..*)?"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


def is_network_folder(folder: Path) -> bool:
    """Whether changes in this folder can come from other machines unseen. False where it cannot be found out."""
    if str(folder).startswith("\\\\"):
        return True
    try:
        table = MOUNT_TABLE.read_text(encoding="utf-8", errors="surrogateescape")
        return is_network_type(file_system_type(table, str(folder.resolve())))
    except OSError:
        return False


def file_system_type(table: str, folder: str) -> str:
    """The type of the file system that ``folder`` lies on.

    Args:
        table: text of ``/proc/self/mountinfo``.
        folder: absolute path without links.
    """
    found, longest = "", -1
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
        # Of two mounts on one point the later one hides the earlier.
        if (folder == point or folder.startswith(point.rstrip("/") + "/")) and len(point) >= longest:
            found, longest = after.split()[0], len(point)
    return found


def is_network_type(name: str) -> bool:
    """Whether a file system of this type may be changed by another machine."""
    return NETWORK.fullmatch(name) is not None
