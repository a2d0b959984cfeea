#!/usr/bin/env python3
"""Statements of at most 64 KiB that ask for too much: each ends soon, with an answer or with a failure that names its place,
and keeps to its memory limit.

    hard_statements.py PATRON [any-memory]

any-memory: the process needs more than it asks for, as sanitizers do.
"""
import os
import subprocess
import sys
import tempfile
import threading

MEMBERS = '[Customer].[Customer Name].Members'
LIMIT_MB, OWN_MB = 64, 32  # of a statement; what the command needs by itself, and less than another limit would be
CASES = {
    'slicer': f'SELECT {{[Measures].[Units]}} ON 0 FROM [Sales] WHERE ({MEMBERS} * [Product].[Product Name].Members)',
    'slicer sum': f'WITH SET [s] AS {MEMBERS} * [Product].[Product Name].Members MEMBER [Measures].[x] AS Sum([s], [Measures].[Units]) SELECT {{[Measures].[x]}} ON 0 FROM [Sales] WHERE ([s])',
    'deep parens': 'WITH MEMBER [Measures].[x] AS '+'('*20000+'1'+')'*20000+' SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'minus': 'WITH MEMBER [Measures].[x] AS '+'- '*30000+'1 SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'not': 'WITH MEMBER [Measures].[x] AS '+'NOT '*15000+'1=1 SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'plus chain': 'WITH MEMBER [Measures].[x] AS '+'1+'*30000+'1 SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'nested iif': 'WITH MEMBER [Measures].[x] AS '+'Iif(1=1,'*6000+'1'+',2)'*6000+' SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'nested sets': 'SELECT '+'{'*30000+'[Time].[2023]'+'}'*30000+' ON 0 FROM [Sales]',
    'nested head': 'SELECT '+'Head('*8000+MEMBERS+',1)'*7000+' ON 0 FROM [Sales]',
    'nested case': 'WITH MEMBER [Measures].[x] AS '+'CASE WHEN 1=1 THEN '*2500+'1'+' END'*2500+' SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'dots': 'SELECT [Time].[2023]'+'.Parent'*9000+' ON 0 FROM [Sales]',
    'siblings': 'SELECT [Time].[2023]'+'.FirstChild.Parent'*3500+' ON 0 FROM [Sales]',
    'huge cross nonempty': f'SELECT NON EMPTY {MEMBERS} * [Product].[Product Name].Members * [Time].[Day].Members * [Region].[Store].Members * [Department].[Department Name].Members ON 0 FROM [Sales]',
    'huge cross': f'SELECT {MEMBERS} * [Product].[Product Name].Members * [Time].[Day].Members * [Region].[Store].Members ON 0 FROM [Sales]',
    'huge cross calc': f'WITH MEMBER [Measures].[x] AS 1 SELECT NON EMPTY {MEMBERS} * [Product].[Product Name].Members * [Time].[Day].Members * [Region].[Store].Members ON 0 FROM [Sales] WHERE [Measures].[x]',
    'recursion': 'WITH MEMBER [Measures].[x] AS [Measures].[x] + 1 SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'mutual': 'WITH '+' '.join(f'MEMBER [Measures].[x{i}] AS [Measures].[x{(i+1)%1000}] + 1' for i in range(1000))+' SELECT {[Measures].[x0]} ON 0 FROM [Sales]',
    'chain 1000': 'WITH '+' '.join(f'MEMBER [Measures].[x{i}] AS [Measures].[x{i+1}] + 1' for i in range(1000))+' MEMBER [Measures].[x1000] AS 1 SELECT {[Measures].[x0]} ON 0 FROM [Sales]',
    'sets doubling': 'WITH '+' '.join(f'SET [s{i}] AS Union([s{i+1}],[s{i+1}],ALL)' for i in range(60))+f' SET [s60] AS {MEMBERS} SELECT [s0] ON 0 FROM [Sales]',
    'generate nest': f'WITH MEMBER [Measures].[n] AS Count(Generate({MEMBERS}, Generate({MEMBERS}, {MEMBERS}))) SELECT {{[Measures].[n]}} ON 0 FROM [Sales]',
    'strings rep': 'WITH MEMBER [Measures].[x] AS String(2000000000,"a") SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'space': 'WITH MEMBER [Measures].[x] AS Len(Replace(Space(1000000)," ",Space(1000000))) SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'regex': 'WITH MEMBER [Measures].[x] AS "'+'a'*40+'b" MATCHES "(a*)*(a*)*(a*)*c" SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'lastperiods': 'SELECT LastPeriods(9000000000000000000, [Time].[2023]) ON 0 FROM [Sales]',
    'pow format': 'WITH MEMBER [Measures].[x] AS 1e308, FORMAT_STRING="'+'#'*30000+'.'+'0'*30000+'" SELECT {[Measures].[x]} ON 0 FROM [Sales]',
    'subselect': f'SELECT {{}} ON 0 FROM '+'(SELECT {[Time].[2023]} ON 0 FROM '*1500+'[Sales]'+')'*1500,
    'top of top': 'SELECT '+'TopCount('*1000+MEMBERS+',5,[Measures].[Units])'*1000+' ON 0 FROM [Sales]',
}


def make(patron, work):
    subprocess.run([patron, "sample", f"{work}/data", "--rows", "20000", "-q"], check=True)
    subprocess.run([patron, "init", f"{work}/db", "-q"], check=True)
    subprocess.run([patron, "define", "-q", "--db", f"{work}/db", f"{work}/data/warehouse.patron"], check=True)
    subprocess.run([patron, "load", "-q", "--db", f"{work}/db"], check=True)
    return f"{work}/db"


def run(command, text):
    """Exit status (None: it does not end), first line of what it says, and the most memory it had, in MB."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as p:
        timer = threading.Timer(120, p.kill)
        timer.start()
        try:
            p.stdin.write(text.encode()[:65536])
            p.stdin.close()
        except BrokenPipeError:
            pass
        said = p.stderr.read().decode().splitlines()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        is_late = not timer.is_alive()
        timer.cancel()
        return None if is_late else p.returncode, said[0] if said else "", usage.ru_maxrss / 1024


def wrong(patron, db, text, is_bounded):
    command = [patron, "query", "--db", db, "--memory", f"{LIMIT_MB}M", "--timeout", "20s", "--format", "csv", "-f", "-"]
    status, said, peak_mb = run(command, text)
    if status is None:
        return "it does not end"
    if is_bounded and peak_mb > LIMIT_MB + OWN_MB:
        return f"{peak_mb:.0f} MB of memory"
    if status == 0:
        return None
    if status < 0 or status > 9 or not said:
        return f"status {status}"
    return None if " column " in said else f"no place: {said}"


def main():
    patron, is_bounded, failed = os.path.abspath(sys.argv[1]), "any-memory" not in sys.argv[2:], 0
    with tempfile.TemporaryDirectory() as work:
        db = make(patron, work)
        for name, text in CASES.items():
            problem = wrong(patron, db, text, is_bounded)
            failed += problem is not None
            print(f"{name}: {problem or 'ends as it should'}")
    return 1 if failed else 0


sys.exit(main())
