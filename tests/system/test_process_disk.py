"""No room on the disk: requests are refused whole, and the same process goes on once there is room."""

import os
import pathlib
import resource
import signal
import subprocess
import tempfile

import pytest
import requests

from conftest import CERTAIN
from harness_server import Server
from process_commands import check_store
from process_ledger import check_ledger
from process_load import Caller, Sent, User, check_record, repeat_unanswered

REFUSED = (503, 507)


class FileSizeLimit:
    """No file may grow beyond the write-ahead log's size at that moment: works for everybody, everywhere.
    (The signal that tells of the limit would end a process that does not ignore it.)"""

    def __init__(self, folder):
        self.folder = folder

    def fill(self, server):
        wal = (self.folder / "data" / "edda.sqlite3-wal").stat().st_size
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (wal + 4096, resource.RLIM_INFINITY))

    def free(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        pass


class SmallDisk:
    """A file system of 24 MiB in memory, filled to the last byte."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "edda-test", str(folder)], check=True)

    def fill(self, _):
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                pass

    def free(self, _):
        (self.folder / "filler").unlink()

    def close(self):
        subprocess.run(["umount", str(self.folder)], check=True)


def may_mount():
    """Containers often may not, even for root; the size limit tests the same without."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "edda-test", folder], capture_output=True,
                                               check=False).returncode != 0:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


@pytest.fixture(params=[FileSizeLimit] + ([SmallDisk] if may_mount() else []))
def disk(request, tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    room = request.param(folder)
    yield room
    room.close()


def test_no_room(binary, disk):
    server = Server(binary, pathlib.Path(disk.folder), CERTAIN)
    server.start()
    try:
        user = User(server.url)
        caller = Caller(server.url, user)
        for _ in range(5):
            user.sent.append(Sent(user, old=False, declined=False))
            assert caller.place(user.sent[-1]).status_code == 201
        disk.fill(server)
        refused = refuse_orders(caller, user)
        # What needs no room is served all along.
        assert requests.get(server.url + "/livez", timeout=5).status_code == 200
        assert caller.request("GET", "/v1/orders").status_code == 200
        disk.free(server)
        repeat_unanswered(server.url, [user])
        assert all(sent.id for sent in refused)
        orders = check_record(server.url, [user])
        assert len(orders) == len(user.sent)
        check_store(server)
        assert server.stop() == 0
        check_store(server)
        check_ledger(disk.folder / "data" / "payments.ledger", orders)
    finally:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()


def refuse_orders(caller, user):
    """Orders until two in a row, one of each face, found no room. A failed write is tried for ten seconds before it is answered."""
    refused = []
    for _ in range(2000):
        sent = Sent(user, old=len(refused) % 2 == 1, declined=False)
        user.sent.append(sent)
        answer = caller.place(sent)
        if answer.status_code == 201:
            refused.clear()
            continue
        assert answer.status_code in REFUSED, answer.text
        if not sent.old:
            assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
            assert "sql" not in answer.text.lower() and str(user.id) not in answer.text
        refused.append(sent)
        if len(refused) == 2:
            return refused
    raise AssertionError("the disk never became full")
