#!/usr/bin/env python3
"""The shell on a terminal: editing, completion, history, Ctrl-C, the pager. shell_tty.py PATRON (run by shell_tty.sh)

The warehouse is shop.db in the current directory, which is HOME too. Every step waits for what must appear, never for a time, so
that a slow machine makes the test slow and not red; all of it ends after DEADLINE seconds, whatever happens.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

DEADLINE = time.monotonic() + float(os.environ.get("TTY_TEST_SECONDS", "150"))
ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Shell:
    def __init__(self, patron, **env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.environ.update({"TERM": "xterm", "LC_ALL": "C.UTF-8", "PAGER": "", **env})
            os.execv(patron, [patron, "shell", "--db", "shop.db"])
        self.raw = b""  # all that was printed
        self.used = 0  # bytes of the text that a wait has passed

    def text(self):
        """What stands on the screen if nothing is written over: without colours and movements. Taken from all bytes each time,
        as a read may end in the middle of a character or an escape."""
        return ESCAPES.sub(b"", self.raw)

    def fail(self, why):
        os.kill(self.pid, signal.SIGKILL)
        raise SystemExit(f"{why}, got {self.text()[self.used:][-2000:].decode(errors='replace')!r}")

    def read(self, seconds):
        """False at the end of what the shell prints."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux tells the end so
            return False
        self.raw += data
        return bool(data)

    def has(self, wanted):
        """The first of the wanted texts that was printed; it and what came before are then passed. None: not yet."""
        text, first = self.text(), None
        for w in wanted:
            at = text.find(w.encode(), self.used)
            if at >= 0 and (first is None or at < first[0]):
                first = (at, w)
        if first:
            self.used = first[0] + len(first[1].encode())
        return first and first[1]

    def wait(self, *wanted, until=None):
        """Until one of the texts was printed: gives it; with `until` None if that time comes first."""
        is_open = True
        while not (found := self.has(wanted)):
            if until and time.monotonic() > until:
                return None
            if time.monotonic() > DEADLINE:
                self.fail(f"expected {wanted}")
            if not is_open:
                self.fail(f"the shell ended; expected {wanted}")
            is_open = self.read(0.05)
        return found

    def wait_for_statement(self):
        """Until the editor has given the terminal back: the line is taken, a statement runs."""
        while not termios.tcgetattr(self.fd)[3] & termios.ICANON:
            if time.monotonic() > DEADLINE:
                self.fail("expected the statement to run")
            self.read(0.05)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def ended(self, wanted, until):
        """Whether the shell has ended, with the status that is wanted; false if it has not by then."""
        while time.monotonic() < until:
            is_open = self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while select.select([self.fd], [], [], 0)[0] and self.read(0):
                    pass
                os.close(self.fd)
                status = os.waitstatus_to_exitcode(status)
                if status != wanted:
                    last = self.text()[self.used:].decode(errors="replace")
                    raise SystemExit(f"the shell ended with {status}, expected {wanted}: {last}")
                return True
            if not is_open:
                time.sleep(0.01)
        return False

    def leave(self, keys):
        """Keys that arrive while the terminal changes hands are dropped, or stay in the line as others (an early Ctrl-D as a NUL):
        then again, in an empty line."""
        self.type(keys)
        while not self.ended(0, time.monotonic() + 2):
            if time.monotonic() > DEADLINE:
                self.fail("expected the shell to end")
            self.type("\x15" + keys)  # Ctrl-U


def edits(patron):
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
    s.leave("\x04")  # Ctrl-D


def stops(patron):
    """A statement that would run for hours is stopped by Ctrl-C, and the next one runs."""
    s = Shell(patron)
    s.wait("patron> ")
    # The counters of the outer loops keep it from remembering the inner ones.
    days = "[Time].[Day].Members"
    slow = (f"WITH MEMBER [Measures].[Slow] AS Count(Filter({days} AS a, Count(Filter({days} AS b, Count(Filter({days} AS c, "
            f"Count(Filter({days} AS d, a.CurrentOrdinal + b.CurrentOrdinal + c.CurrentOrdinal + d.CurrentOrdinal > 0)) > 400)) "
            "> 400)) > 400)) SELECT [Measures].[Slow] ON COLUMNS FROM [Sales];\n")
    got = "patron> "
    while got != "CANCELLED":
        # A key pressed before the statement has begun may drop its line (then type it again) or do nothing (then press it again).
        if got == "patron> ":
            s.type(slow)
            s.wait_for_statement()
        s.type("\x03")
        got = s.wait("CANCELLED", "patron> ", until=time.monotonic() + 2)
    s.wait("patron> ")
    s.type("SELECT [Measures].[Units] ON COLUMNS FROM [Sales];\n")
    s.wait(" 10")
    s.wait("patron> ")
    s.leave("\x04")


def remembers(patron):
    """The history is kept: the arrow brings the last statement back."""
    assert os.path.exists(".local/state/patron/history")
    s = Shell(patron)
    s.wait("patron> ")
    s.type("\x1b[A")
    s.wait("SELECT [Measures].[Units] ON COLUMNS FROM [Sales];")
    s.type("\n")
    s.wait(" 10")
    s.wait("patron> ")
    s.leave("\\q\n")


def types_any_script(patron):
    """Where no locale is named, or one that is not there, characters are UTF-8."""
    for named in ({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, {"LC_ALL": "xx_XX.UTF-8"}):
        s = Shell(patron, **named)
        s.wait("patron> ")
        s.type("SELECT [Measures].[Units] ON COLUMNS, [Store].[中国].Children ON ROWS FROM [Sales];\n")
        s.wait("上海")
        s.wait("patron> ")
        s.leave("\\q\n")


def pages(patron):
    """A long answer goes through the pager; what the pager leaves unread does not end the shell."""
    s = Shell(patron, PAGER="head -n 3; echo paged")
    s.wait("patron> ")
    s.type("SELECT [Measures].[Units] ON COLUMNS, [Time].[Day].Members ON ROWS FROM [Sales];\n")
    s.wait("paged")
    s.wait("patron> ")
    s.type("SHOW CUBES;\n")
    s.wait("is_virtual")
    s.wait("patron> ")
    os.kill(s.pid, signal.SIGKILL)
    assert s.ended(-signal.SIGKILL, DEADLINE)


for part in (edits, stops, remembers, types_any_script, pages):
    part(sys.argv[1])
