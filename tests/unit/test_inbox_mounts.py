"""Network folders are recognised from the table of mounts."""

import pytest

from pipeline.inbox.mounts import file_system_type, is_network_type

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/club rw,relatime shared:2 - cifs //server/club rw,vers=3.0
31 22 0:41 / /mnt/club/local rw - xfs /dev/sdb1 rw
32 22 0:42 / /mnt/with\\040space rw - nfs4 server:/x rw
33 22 0:43 / /mnt/twice rw - ext4 /dev/sdc1 rw
34 33 0:44 / /mnt/twice rw - fuse.sshfs teacher@server: rw
"""


@pytest.mark.parametrize(
    ("folder", "kind", "is_network"),
    [
        ("/home/teacher/inbox", "ext4", False),
        ("/mnt/club", "cifs", True),
        ("/mnt/club/inbox", "cifs", True),
        ("/mnt/clubhouse", "ext4", False),
        ("/mnt/club/local/inbox", "xfs", False),
        ("/mnt/with space/inbox", "nfs4", True),
        ("/mnt/twice/inbox", "fuse.sshfs", True),
    ],
)
def test_the_longest_and_latest_mount_counts(folder, kind, is_network):
    assert file_system_type(TABLE, folder) == kind
    assert is_network_type(kind) is is_network


def test_a_broken_table_means_local():
    assert file_system_type("nonsense\n\n1 2 3 - ", "/home") == ""
    assert not is_network_type("")
