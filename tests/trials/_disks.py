"""Disks of its own for a trial: files with a file system in them, mounted; only root can."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.trials._scene import Rules, Scene
from tests.trials._server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.trials._scene import Told

DISK_MB = 96
STATIONS = 2_000
ALL = ("edit", "report", "upload", "plan", "photo")


class Disk:
    """A small disk that can be filled, broken and put right."""

    def __init__(self, folder: Path) -> None:
        self._image, self.place, self._turn = folder / "disk-0.img", folder / "mounted", 0
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(DISK_MB << 20)
        _run("mkfs.ext4", "-q", "-m", "0", str(self._image))
        self.mount()

    def mount(self, *options: str) -> None:
        """Put it where it belongs."""
        said = ",".join(("loop", "errors=remount-ro", *options))
        _run("mount", "-o", said, str(self._image), str(self.place))

    def remount(self, *options: str) -> None:
        """Change how it is mounted."""
        _run("mount", "-o", ",".join(("remount", *options)), str(self.place))

    def unmount(self) -> None:
        """Take it away, also from under those who use it, and what it was put in place of."""
        for _ in range(self._turn + 1):
            _run("umount", "-l", str(self.place))

    def fill(self) -> None:
        """Leave not a byte."""
        with suppress(OSError), (self.place / ".ballast").open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 512):
                with suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def empty(self) -> None:
        """Make the room again."""
        (self.place / ".ballast").unlink()

    def fail(self) -> None:
        """Let the file system find an error in itself, after which it only reads."""
        [device] = _run("findmnt", "-no", "SOURCE", str(self.place)).split()
        Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("1")

    def replace(self) -> None:
        """Check a copy of it, and put that over it, as after a repair.

        Were it taken away first, what is sent between would be kept in the folder below.
        """
        self._turn += 1
        copy = self._image.with_name(f"disk-{self._turn}.img")
        shutil.copyfile(self._image, copy)
        subprocess.run(["e2fsck", "-fy", str(copy)], check=False, stdout=subprocess.DEVNULL)
        self._image = copy
        self.mount()


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@contextmanager
def _disk() -> Iterator[Disk]:
    with tempfile.TemporaryDirectory() as folder:
        made = Disk(Path(folder))
        try:
            yield made
        finally:
            made.unmount()
            time.sleep(0.5)


@contextmanager
def _begun(server: Server) -> Iterator[Server]:
    server.begin()
    try:
        yield server
    finally:
        server.end()


def full_disk() -> Told:
    """Leave no room for register, jobs, plans, photos and the log: all on one disk."""
    with _disk() as disk, _begun(Server(disk.place, STATIONS, 2)) as server:
        scene = Scene(server, ALL)
        return scene.play("disk full (register, jobs, photos, log)", disk.fill, disk.empty)


def full_temporary() -> Told:
    """Leave no room where temporary files and the counts go; a worker dies meanwhile."""
    with tempfile.TemporaryDirectory() as folder, _disk() as disk:
        server = Server(Path(folder), STATIONS, 2)
        server.environment["TMPDIR"] = str(disk.place)

        def hurt() -> None:
            disk.fill()
            server.workers()[0].kill()

        with _begun(server):
            scene = Scene(server, ALL)
            rules = Rules(refused=None, ready=True, cut_off=True)
            return scene.play(
                "disk full (temporary files), a worker killed", hurt, disk.empty, rules
            )


def full_log() -> Told:
    """Leave no room for the log alone."""
    with tempfile.TemporaryDirectory() as folder, _disk() as disk:
        server = Server(Path(folder), STATIONS, 2)
        server.log = disk.place / "serve.log"
        server.environment["STATIONS_LOG"] = "json"
        with _begun(server):
            scene = Scene(server, ALL)
            rules = Rules(refused=False, ready=True)
            return scene.play("disk full (log)", disk.fill, disk.empty, rules)


def read_only_disk() -> Told:
    """Have the disk find an error and only read; then repair it and put it back."""
    with _disk() as disk, _begun(Server(disk.place, STATIONS, 2)) as server:
        scene = Scene(server, ALL)
        return scene.play("disk turns read-only, is repaired", disk.fail, disk.replace)


def read_only_start() -> Told:
    """Begin on a disk that only reads, and may be written to later."""
    with _disk() as disk:
        server = Server(disk.place, STATIONS, 2)
        with tempfile.TemporaryDirectory() as folder:
            server.log = Path(folder) / "serve.log"
            disk.remount("ro")
            with _begun(server):
                scene = Scene(server, ALL)
                heal = lambda: disk.remount("rw")  # noqa: E731 - as short as it is
                return scene.play("disk read-only from the start", lambda: None, heal)


FAULTS = (full_disk, full_temporary, full_log, read_only_disk, read_only_start)
