#!/usr/bin/env bash
# The door for programs: a JSON answer for each JSON line, in order, whatever the line. batch.sh PATRON
# shellcheck source=tests/command/lib.sh
. "$(dirname "$0")/lib.sh" "$@"
small_shop
python3 - "$patron" <<'EOF'
import json, subprocess, sys

patron = sys.argv[1]
requests = [
    '{"id":1,"mdx":"SELECT {[Measures].[Units],[Measures].[Revenue]} ON COLUMNS, [Store].[Country].Members ON ROWS FROM [Sales] WHERE [Time].[2024]"}',
    '{"id":"two","mdx":"SELECT [Measures].[Unitz] ON COLUMNS FROM [Sales]"}',
    'this is no JSON',
    '',
    '[1,2]',
    '{"id":{"a":[1]},"mdx":5}',
    '{"id":7,"mdx":"SELECT FROM [Sales]"}',
    '{"id":8,"mdx":"' + 'x' * (1 << 20) + '"}',
    '{"id":9,"mdx":"WITH MEMBER [Measures].[Bad] AS CInt(\'ten\') SELECT {[Measures].[Bad]} ON COLUMNS FROM [Sales]"}',
    '{"id":10,"mdx":"SHOW CUBES"}',
    '{"id":11,"mdx":"SELECT [Measures].[Units] ON COLUMNS, Head([Store].[Country].Members, @n) ON ROWS FROM [Sales]","params":{"n":1}}',
    '{"id":12,"mdx":"SELECT [Measures].[Units] ON COLUMNS FROM [Sales]","params":{"n":[1]}}',
    '{"id":13,"mdx":"SELECT FROM [Sales]","timing":true}',
    '{"id":14,"mdx":"CREATE SESSION MEMBER [Sales].[Measures].[Two] AS 2"}',
    '{"id":15,"mdx":"SELECT {[Measures].[Two]} ON COLUMNS FROM (SELECT {[Time].[2024]} ON COLUMNS FROM [Sales])"}',
    '{"id":16,"mdx":"DROP SESSION MEMBER [Sales].[Measures].[Two]"}',
    '{"id":17,"mdx":"DROP SESSION MEMBER [Sales].[Measures].[Two]"}',
    '{"id":18,"mdx":"DROP SESSION MEMBER IF EXISTS [Sales].[Measures].[Two]"}',
    '{"id":19,"mdx":"REFRESH CUBE [Sales]"}',
    '{"id":20,"mdx":"REFRESH CUBE [Sails]"}',
    '{"id":21,"mdx":"SELECT {[Measures].[Units]} ON COLUMNS FROM [Sales] WHERE {}"}',
    '{"id":22,"mdx":"CREATE SESSION SET [Sales].[Few] AS Head([Store].[Country].Members, Parameter(\\"n\\", NUMERIC, 1) * ParamRef(\\"n\\"))"}',
    '{"id":23,"mdx":"WITH MEMBER [Measures].[N] AS ParamRef(\\"n\\") SELECT {[Measures].[N]} ON COLUMNS, [Few] ON ROWS FROM [Sales]"}',
    '{"id":24,"mdx":"CREATE SESSION SET [Sales].[None] AS Head([Store].[Country].Members, ParamRef(\\"m\\"))"}',
]
run = subprocess.run([patron, 'query', '--db', 'shop.db', '--batch'], input='\n'.join(requests).encode(),
                     stdout=subprocess.PIPE, check=True)
answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
assert len(answers) == len(requests) - 1, answers  # the empty line is no request
one, two, three, five, six, seven, eight, nine, ten, eleven, twelve, thirteen = answers[:12]
fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, twenty_one = answers[12:20]
set_created, set_asked, set_refused = answers[20:]

assert one["id"] == 1 and one["ok"] is True
assert [a["name"] for a in one["axes"]] == ["COLUMNS", "ROWS"]
assert one["axes"][0]["positions"] == [["[Measures].[Units]"], ["[Measures].[Revenue]"]]
assert one["axes"][1]["positions"] == [["[Store].[Germany]"], ["[Store].[中国]"]], one
assert one["slicer"] == [["[Time].[2024]"]], one["slicer"]
assert [(c["ordinal"], c["value"], c["formatted"]) for c in one["cells"]] == \
    [(0, 7, "7"), (1, 35.75, "35.75"), (2, 3, "3"), (3, 30.0, "30.00")], one["cells"]

assert two["id"] == "two" and two["ok"] is False
assert two["error"]["code"] == "NAME" and two["error"]["line"] == 1 and two["error"]["column"] == 19, two
assert "Unitz" in two["error"]["message"]
assert three["id"] is None and not three["ok"] and three["error"]["code"] == "USAGE"
assert five["id"] is None and not five["ok"]
assert six["id"] == {"a": [1]} and not six["ok"]
assert seven["axes"] == [] and seven["slicer"] == [[]] and seven["cells"][0]["value"] == 10, seven
assert twenty_one["ok"] and twenty_one["slicer"] == [] and twenty_one["cells"] == [], twenty_one
assert eight["id"] is None and eight["error"]["code"] == "LIMIT", eight
assert nine["ok"] and nine["cells"][0]["formatted"] == "#ERR" and nine["cells"][0]["error"], nine
assert "value" not in nine["cells"][0]
assert ten["ok"] and ten["tag"] == "SHOW" and ten["rows"][0][0] == "Sales", ten
assert eleven["axes"][1]["positions"] == [["[Store].[Germany]"]], eleven
assert not twelve["ok"]
assert thirteen["ok"] and 0 < thirteen["elapsed_us"] < 10**9, thirteen
assert "elapsed_us" not in eleven

# A session's own member; a cube that is up to date.
assert fourteen["ok"] and fifteen["cells"][0]["value"] == 2, fifteen
assert sixteen["ok"] and eighteen["ok"] and nineteen["tag"] == "REFRESH CUBE"
assert seventeen["error"]["code"] == "NAME" and twenty["error"]["code"] == "NAME"
# A parameter is known to its own formula, and to queries that see the formula.
assert set_created["ok"] and set_asked["cells"][0]["value"] == 1, set_asked
assert set_refused["error"]["code"] == "NAME", set_refused

# Each answer comes at once: a program may ask, read, and ask again.
p = subprocess.Popen([patron, 'query', '--db', 'shop.db', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for i in range(3):
    p.stdin.write(json.dumps({"id": i, "mdx": "SELECT FROM [Sales]"}).encode() + b"\n")
    p.stdin.flush()
    assert json.loads(p.stdout.readline())["id"] == i
p.stdin.close()
assert p.wait() == 0
EOF
