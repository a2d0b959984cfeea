#!/usr/bin/env python3
"""The shell on a terminal: editing, completion, history, Ctrl-C, the pager. shell_tty.py PATRON (run by shell_tty.sh)

The warehouse is shop.db in the current directory, which is HOME too.
"""
import os
import pty
import re
import select
import signal
import struct
import sys
import time
import fcntl
import termios


class Shell:
    def __init__(self, patron, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", "PAGER": "", **env})
            os.execv(patron, [patron, "shell", "--db", "shop.db"])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = ""

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        text = data.decode(errors="replace")
        # Without colours and cursor movements: what stands on the screen, if nothing is written over.
        self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r", "", text)
        return bool(data)

    def wait(self, wanted, seconds=20):
        """Until `wanted` has been printed; it and what came before is then forgotten."""
        end = time.time() + seconds
        while wanted not in self.seen:
            if time.time() > end:
                raise SystemExit(f"expected {wanted!r}, got {self.seen[-2000:]!r}")
            self.read(0.1)
        self.seen = self.seen[self.seen.index(wanted) + len(wanted):]

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        while self.read(0.5):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def main():
    patron = sys.argv[1]
    s = Shell(patron)
    s.wait("patron> ")
    s.type("SELE\t")  # one candidate: completed
    s.wait("SELECT")
    s.type("\x03")  # Ctrl-C drops the line, the shell stays
    s.wait("^C")
    s.wait("patron> ")

    s.type("SELECT [Measures].[Rev\t")
    s.wait("[Revenue]")
    s.type(" ON COLUMNS,\n")
    s.wait("...> ")
    s.type("[Store].[Country].[中\t")  # below a path, in any script
    s.wait("[中国]")
    s.type(" ON ROWS FROM [Sales];\n")
    s.wait("30.00")
    s.wait("patron> ")

    # A statement that would run for minutes is stopped at once.
    # The counters of the outer loops keep it from remembering the inner ones.
    days = "[Time].[Day].Members"
    s.type(f"WITH MEMBER [Measures].[Slow] AS Count(Filter({days} AS a, Count(Filter({days} AS b, Count(Filter({days} AS c, "
           "a.CurrentOrdinal + b.CurrentOrdinal + c.CurrentOrdinal > 0)) > 400)) > 400)) "
           "SELECT [Measures].[Slow] ON COLUMNS FROM [Sales];\n")
    time.sleep(1)
    start = time.time()
    s.seen = ""  # the prompt of the statement's own echo
    s.type("\x03")
    s.wait("CANCELLED")
    s.wait("patron> ")
    assert time.time() - start < 15, "Ctrl-C took too long"
    s.type("SELECT [Measures].[Units] ON COLUMNS FROM [Sales];\n")
    s.wait(" 10")
    s.wait("patron> ")
    s.type("\x04")  # Ctrl-D leaves
    assert s.end() == 0

    # The history is kept: the arrow brings the last statement back.
    assert os.path.exists(".local/state/patron/history")
    s = Shell(patron)
    s.wait("patron> ")
    s.type("\x1b[A")
    s.wait("SELECT [Measures].[Units] ON COLUMNS FROM [Sales];")
    s.type("\n")
    s.wait(" 10")
    s.type("\\q\n")
    assert s.end() == 0

    # A long answer goes through the pager; what the pager is left with does not end the shell.
    s = Shell(patron, **{"PAGER": "head -n 3; echo paged"})
    s.wait("patron> ")
    s.type("SELECT [Measures].[Units] ON COLUMNS, [Time].[Day].Members ON ROWS FROM [Sales];\n")
    s.wait("paged")
    s.wait("patron> ")
    s.type("SHOW CUBES;\n")
    s.wait("is_virtual")
    os.kill(s.pid, signal.SIGKILL)
    s.end()


main()
