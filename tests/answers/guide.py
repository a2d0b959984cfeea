#!/usr/bin/env python3
"""Meanings of the language, checked on FoodMart: what each line of guide.txt says.

    guide.py PATRON DB [FILE...]

A line is a question, " => " and the answer:
    v EXPRESSION    the text of one cell; v@HR in another cube than Sales
    s SET           the unique names of its tuples, joined by "; "
    q STATEMENT     the texts of its cells, joined by "; ", cells in order of their ordinals
    p STATEMENT     the positions of its last axis
Answers: (empty) an empty cell or set, #ERR an error cell, FAILS a statement that is refused. Lines that start with
a number sign say what follows.
"""
import json
import subprocess
import sys


def question(kind, text):
    letter, _, cube = kind.partition('@')
    cube = cube or 'Sales'
    if letter == 'v':
        return f'WITH MEMBER [Measures].[the value] AS {text} SELECT {{[Measures].[the value]}} ON 0 FROM [{cube}]'
    if letter == 's':
        return f'SELECT {text} ON 0 FROM [{cube}]'
    return text


def positions(axis):
    names = [p[0] if len(p) == 1 else '(' + ', '.join(p) + ')' for p in axis['positions']]
    return '; '.join(names) or '(empty)'


def answer(kind, a):
    if not a['ok']:
        return 'FAILS'
    if kind[0] in 'sp':
        return positions(a['axes'][-1])
    n = 1
    for axis in a['axes']:
        n *= len(axis['positions'])
    texts = ['(empty)'] * n
    for c in a['cells']:
        texts[c['ordinal']] = '#ERR' if 'error' in c else c['formatted']
    return '; '.join(texts)


def main():
    patron, db, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    lines = []
    for name in files:
        with open(name, encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                line = line.rstrip('\n')
                if not line or line.startswith('#'):
                    continue
                head, _, rest = line.partition(' ')
                text, _, expected = rest.rpartition(' => ')
                lines.append((name, number, head, text, expected))
    requests = ''.join(json.dumps({'id': i, 'mdx': question(k, t)}) + '\n' for i, (_, _, k, t, _) in enumerate(lines))
    run = subprocess.run([patron, 'query', '--db', db, '--batch'], input=requests, capture_output=True, text=True,
                         check=False)
    answers = [json.loads(x) for x in run.stdout.splitlines()]
    if len(answers) != len(lines):
        sys.exit(f'{len(lines)} questions, {len(answers)} answers\n{run.stderr}')
    wrong = 0
    for (name, number, kind, text, expected), a in zip(lines, answers):
        got = answer(kind, a)
        if got != expected:
            wrong += 1
            why = a.get('error', {}).get('message', '')
            errors = [c['error'] for c in a.get('cells', []) if 'error' in c]
            print(f'{name}:{number}: {kind} {text}\n    expected {expected}\n    got      {got} {why}{errors[:1]}')
    print(f'{len(lines) - wrong} of {len(lines)} as they should be')
    sys.exit(wrong > 0)


main()
