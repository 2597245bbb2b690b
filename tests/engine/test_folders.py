"""Temporary folders: removed whoever else removes them or is killed meanwhile, and by the next start at the latest."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from autograder import pool
from autograder.sandbox import folders, linux, zygote
from autograder.sandbox.folders import (
    TemporaryFolder,
    folder_name,
    make_folder,
    remove_folder,
    remove_stale_folders,
)
from autograder.sandbox.launchers import Zygote
from autograder.sandbox.limits import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("MPLCONFIGDIR", "/")
    tmp_path.chmod(0o711)
    return tmp_path


@pytest.mark.parametrize("tier", ["A", "B"])
def test_one_that_ends_before_its_zygote_has_started_leaves_nothing(temporary, monkeypatch, tier):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Zygote([], Limits(), tier)
    assert not list(temporary.iterdir())


def test_a_folder_that_is_moved_leads_nowhere_else(tmp_path, monkeypatch):
    nest, other = tmp_path / "nest", tmp_path / "other"
    (nest / "a" / "b").mkdir(parents=True)
    other.mkdir()
    (other / "file").write_text("somebody's")
    (tmp_path / "file").write_text("somebody's, too")
    really, moved = os.open, []

    def open_late(path, flags, mode=0o777, *, dir_fd=None):
        if path == ".." and not moved:
            moved.append(path)
            (nest / "a" / "b").rename(other / "b")
        return really(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(folders.os, "open", open_late)
    assert remove_folder(str(nest))
    assert moved and not nest.exists()
    assert (tmp_path / "file").exists() and (other / "file").exists()


def test_one_who_writes_for_another_moment_is_waited_for(tmp_path, monkeypatch):
    nest = tmp_path / "nest"
    nest.mkdir()
    really, written = os.rmdir, []

    def rmdir(path, *, dir_fd=None):
        if len(written) < 3:
            written.append(path)
            (nest / "late").write_text("x")
        really(path, dir_fd=dir_fd)

    monkeypatch.setattr(folders.os, "rmdir", rmdir)
    assert remove_folder(str(nest))
    assert not nest.exists()


def test_what_a_killed_process_left_goes_at_the_next_start(temporary):
    killed = """if True:
        import os, signal, sys, tempfile
        from autograder.sandbox.folders import TemporaryFolder
        tempfile.tempdir = sys.argv[1]
        folder = TemporaryFolder("course")
        open(os.path.join(folder.path, "file"), "w").write("x")
        print(folder.path, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", killed, str(temporary)], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL
    left = done.stdout.strip()
    assert os.path.dirname(left) == str(temporary) and os.listdir(left)
    others = ["autograder-matplotlib-0", "autograder-build-abc", "somebody"]
    for name in others:
        (temporary / name).mkdir()
    (temporary / "autograder-job-0123456789abcdef").symlink_to(temporary / "somebody")
    used = TemporaryFolder("job", 0o711)
    with Zygote([], Limits(), "B") as launcher:
        remove_stale_folders()
        assert not os.path.exists(left)
        names = [used.path, launcher.folder, *others, "autograder-job-0123456789abcdef"]
        assert sorted(os.listdir(temporary)) == sorted(map(os.path.basename, names))
        assert os.stat(launcher.folder).st_mode & 0o777 == 0o711
    assert not os.path.exists(launcher.folder)
    used.remove()
    assert not os.path.exists(used.path)


def test_a_folder_that_is_taken_for_stale_at_once_is_made_again(temporary, monkeypatch):
    really, swept = os.open, []

    def open_late(path, flags, mode=0o777, *, dir_fd=None):
        if not swept:
            swept.append(path)
            monkeypatch.setattr(folders.os, "open", really)
            remove_stale_folders()
            assert not os.path.exists(path)
        return really(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(folders.os, "open", open_late)
    folder = TemporaryFolder("cluster")
    assert swept == [folder.path] and os.path.isdir(folder.path)
    remove_stale_folders()
    assert os.path.isdir(folder.path)
    folder.remove()


def test_a_late_signal_does_not_leave_the_folder(temporary, monkeypatch):
    """Tier A: the kernel tells the outer process of its parent's end while that is removing the folder."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    folder = temporary / "folder"
    folder.mkdir()
    parts = zygote.Zygote.__new__(zygote.Zygote)
    parts.uid, parts.folder = 0, str(folder)
    parts.control = open(os.devnull)  # noqa: SIM115 - it is closed by what is tested
    told = []

    def remove(path):
        os.kill(os.getpid(), signal.SIGTERM)
        told.append(path)
        return remove_folder(path)

    def leave(code):
        raise SystemExit(code)

    monkeypatch.setattr(linux, "unshare", lambda flags: None)
    monkeypatch.setattr(linux, "die_with_parent", lambda *_: None)
    monkeypatch.setattr(zygote, "remove_folder", remove)
    monkeypatch.setattr(zygote.os, "fork", lambda: child.pid)
    monkeypatch.setattr(zygote.os, "_exit", leave)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit):
            parts.enter_namespaces()
    finally:
        signal.signal(signal.SIGTERM, before)
        child.returncode = 0  # it has been reaped
    assert told and not folder.exists()


def test_a_folder_is_made_for_one(temporary):
    path = str(temporary / "taken")
    os.close(make_folder(path))
    with pytest.raises(FileExistsError):
        make_folder(path)


def test_the_end_of_a_pool_takes_what_its_killed_workers_left(temporary, monkeypatch):
    protections: dict[str, str | bool] = {"tier": "B"}
    ended = []
    monkeypatch.setattr(pool, "_end", ended.append)
    opened = pool.LocalPool(temporary, limits=Limits(), workers=1, protections=protections)
    monkeypatch.setattr(opened, "_pool", object())
    left = folder_name("sandbox")
    os.close(make_folder(left))  # nobody holds it
    opened._stop()
    assert ended and not os.path.exists(left)
