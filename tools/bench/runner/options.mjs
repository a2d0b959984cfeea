// The command line.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const benchDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const rootDir = path.dirname(path.dirname(benchDir));

const usage = `usage: tools/bench/ssb --scale N [--peers duckdb,clickhouse,sqlite] [--data DIR] --out DIR [OPTION...]

  --scale N          size of the data to make: 1 is six million rows, 0.01 sixty thousand
  --data DIR         take customer, supplier, part, date and lineorder .tbl from DIR instead
  --out DIR          where the warehouse (DIR/patron), the peers' files and the figures (DIR/ssb.json, .md, .svg) go
  --peers LIST       whom to ask as well: duckdb (from npm), clickhouse (from Debian), sqlite (answers only, no times)
  --threads N        threads of each system; default: all processors
  --runs N           times each question is asked after the first; default 5
  --seconds N        stop repeating a question to a system after this long, but not before three times; default 20
  --questions LIST   only these, as in Q1.1,C6
  --reuse            ask what an earlier run left in --out; nothing is loaded
  --reload LIST      with --reuse, but load these again, as in patron
  --patron FILE      the command; default build/release/patron
`;

class UsageError extends Error {}

function fail(message) {
  throw new UsageError(message);
}

// `what`: in words, what isFine asks for.
function number(values, name, fallback, isFine, what) {
  if (values[name] === undefined) return fallback;
  const x = Number(values[name]);
  return isFine(x) ? x : fail(`--${name}: expected ${what}, not '${values[name]}'`);
}

// The command that is measured: the one given, or the release build's.
export function findCommand(given) {
  const patron = path.resolve(given ?? path.join(rootDir, "build/release/patron"));
  if (!existsSync(patron)) fail(`${patron} is not there: cmake --preset release && cmake --build --preset release`);
  return patron;
}

const isCount = (x) => Number.isInteger(x) && x >= 1 && x <= 10000;
const split = (text) => [...new Set(text ? text.split(",").filter((word) => word) : [])];

function read(argv) {
  const text = { type: "string" };
  const { values } = parseArgs({
    args: argv,
    options: {
      scale: text, data: text, out: text, peers: text, threads: text, runs: text, seconds: text, questions: text,
      patron: text, reload: text, reuse: { type: "boolean" }, help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (!values.out) fail("--out DIR is missing");
  if (!values.scale && !values.data && !values.reuse) fail("--scale N is missing");
  if (values.data && !existsSync(values.data)) fail(`--data: there is no directory '${values.data}'`);
  const patron = findCommand(values.patron);
  return {
    scale: number(values, "scale", null, (x) => x > 0 && x <= 10000, "a number above 0 and up to 10000, as in 0.1"),
    data: values.data && path.resolve(values.data),
    out: path.resolve(values.out),
    peers: split(values.peers),
    threads: number(values, "threads", availableParallelism(), isCount, "a whole number from 1 to 10000"),
    runs: number(values, "runs", 5, (x) => x === 0 || isCount(x), "a whole number from 0 to 10000"),
    seconds: number(values, "seconds", 20, (x) => x > 0, "a number above 0"),
    only: split(values.questions),
    reuse: values.reuse ?? false,
    reload: split(values.reload),
    patron,
    generator: path.join(path.dirname(patron), "ssb_gen"),
  };
}

export function readOptions(argv) {
  try {
    return read(argv);
  } catch (e) {
    process.stderr.write(`ssb: ${e.message}\n${e instanceof UsageError ? "" : usage}`);
    process.exit(2);
  }
}
