// The dashboard: connections ask `patron serve` in turn, alone and while loads publish one version after the other.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { Loads } from "./loads.mjs";
import { benchDir, findCommand } from "./options.mjs";
import { Patron } from "./patron.mjs";
import { run } from "./process.mjs";
import { readQuestions } from "./questions.mjs";
import { copyWarehouse, Server } from "./served.mjs";
import { dataOf } from "./tables.mjs";
import { growth, tableOfMessages, versionOf } from "./versions.mjs";

const usage = `usage: tools/bench/dashboard --out DIR [--scale N] [OPTION...]

  --out DIR          the warehouse DIR/patron that tools/bench/ssb left, or with --scale one that is made; the figures go
                     to DIR/dashboard.json. Loads go into a copy, DIR/dashboard/patron
  --scale N          make the data and the warehouse if DIR has none: 1 is six million rows
  --data DIR         where the .tbl files are; default: DIR/data of --out
  --connections N    default 16
  --seconds N        of each of the two parts, without and with loads; default 30. A moment before warms up
  --lines N          line orders of a load; default 100000
  --pause MS         of a connection between two questions, on average; default 0
  --small SHARE      of the questions that are small ones (dashboard.mdx); the others are Q1.1 to Q4.3; default 0.7
  --through WHAT     who loads: command (another process, the default) or server (LOAD through one more connection)
  --no-cache         without the cell cache
  --no-cuboids       without cuboids
  --threads N        of the server; default: all processors
  --patron FILE      the command; default build/release/patron
`;
const say = (text) => process.stderr.write(text);

// ---- options -------------------------------------------------------------------------------------------------------

function numberOf(values, name, fallback, isFine) {
  const x = values[name] === undefined ? fallback : Number(values[name]);
  if (x !== null && !isFine(x)) throw new Error(`--${name}: '${values[name]}' does not fit`);
  return x;
}

function readOptions() {
  const text = { type: "string" }, flag = { type: "boolean" };
  const { values } = parseArgs({
    options: {
      out: text, scale: text, data: text, connections: text, seconds: text, lines: text, pause: text, small: text, through: text,
      "no-cache": flag, "no-cuboids": flag, threads: text, patron: text, help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (!values.out) throw new Error("--out DIR is missing");
  const through = values.through ?? "command", out = path.resolve(values.out);
  if (!["command", "server"].includes(through)) throw new Error(`--through: expected command or server, not '${through}'`);
  const patron = findCommand(values.patron);
  const isCount = (x) => Number.isInteger(x) && x >= 1;
  return {
    out, patron, through, data: values.data && path.resolve(values.data), generator: path.join(path.dirname(patron), "ssb_gen"),
    scale: numberOf(values, "scale", null, (x) => x > 0),
    connections: numberOf(values, "connections", 16, (x) => isCount(x) && x <= 190),
    seconds: numberOf(values, "seconds", 30, (x) => x > 0),
    lines: numberOf(values, "lines", 100000, isCount),
    pause: numberOf(values, "pause", 0, (x) => x >= 0),
    small: numberOf(values, "small", 0.7, (x) => x >= 0 && x <= 1),
    threads: numberOf(values, "threads", availableParallelism(), isCount),
    settings: [values["no-cache"] ? "CACHE = OFF" : "CACHE = ON", values["no-cuboids"] ? "CUBOIDS = OFF" : "CUBOIDS = ON"],
  };
}

// ---- questions -----------------------------------------------------------------------------------------------------

// "-- D1 title" and a statement, each. A top-N is checked against all of the set that it picks from.
function readSmall() {
  const text = readFileSync(path.join(benchDir, "dashboard.mdx"), "utf8");
  return text.split(/\n(?=-- D)/).map((part) => {
    const [, id, title] = part.match(/^-- (\S+) (.*)/);
    const top = part.match(/TopCount\((.*), (\d+), .*\)/);
    return { id, title, mdx: part, isSmall: true, top: top && Number(top[2]), all: top ? part.replace(top[0], top[1]) : part };
  });
}

function readMix() {
  const large = readQuestions([]).filter((q) => !q.isCustomer).map((q) => ({ ...q, isSmall: false, top: null, all: q.mdx }));
  return [...readSmall(), ...large];
}

// The same numbers everywhere (mulberry32), from 0 to 1.
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pickFrom(questions, share, random) {
  const list = questions.filter((q) => q.isSmall === random() < share);
  return list[Math.floor(random() * list.length)] ?? questions[0];
}

// ---- asking --------------------------------------------------------------------------------------------------------

const tablesOf = async (connection, questions) => {
  const tables = new Map();
  for (const q of questions) tables.set(q.id, tableOfMessages(await connection.ask(q.all)));
  return tables;
};

// Equal answers are kept once: { messages }.
function kept(seen, question, messages) {
  const rows = messages.map((m) => (m.type === "D" ? m.values.map((v) => v?.latin1Slice() ?? "").join("\t") : `${m.type}${m.message ?? ""}`));
  const key = `${question.id}\n${rows.join("\n")}`;
  if (!seen.has(key)) seen.set(key, { messages });
  return seen.get(key);
}

// One connection until the time is over. An answer is noted with the fewest and the most loads that it may hold.
async function client(number, connection, questions, options, loads, until, { answers, seen }) {
  const random = generator(number + 1);
  let isOpen = true;
  while (isOpen && performance.now() < until) {
    const question = pickFrom(questions, options.small, random);
    const oldest = loads.published, from = performance.now();
    const messages = await connection.ask(question.mdx);
    const ms = performance.now() - from, newest = loads.started;
    answers.push({ number, question, ms, oldest, newest, answer: kept(seen, question, messages) });
    isOpen = messages.at(-1)?.type === "Z";
    if (options.pause) await new Promise((resolve) => setTimeout(resolve, options.pause * 2 * random()));
  }
}

// All connections at once, and loads beside them if they are to be; { answers, seconds }
async function part(connections, questions, options, loads, lasts, isLoading) {
  const from = performance.now(), until = from + lasts * 1000, notes = { answers: [], seen: new Map() };
  const clients = connections.map((c, i) => client(i, c, questions, options, loads, until, notes));
  const loader = (async () => {
    while (isLoading && (performance.now() < until || loads.published === 0)) await loads.next();
  })();
  await Promise.all([...clients, loader]);
  return { answers: notes.answers, seconds: (performance.now() - from) / 1000 };
}

// ---- checking ------------------------------------------------------------------------------------------------------

// What an answer says: { fits, k } or { error }.
function judge(answer, question, growths) {
  try {
    return versionOf(tableOfMessages(answer.messages), growths.get(question.id), question.top);
  } catch (e) {
    return { error: e.message };
  }
}

// What is wrong with an answer, or null; `newest` holds the newest version that each connection saw.
function problemOf({ question, number, answer, oldest, newest: latest }, growths, newest) {
  answer.verdict ??= judge(answer, question, growths);
  const { error, fits, k } = answer.verdict;
  if (error) return { kind: "errors", text: `${question.id}: ${error}` };
  if (!fits) return { kind: "torn", text: `${question.id}: an answer is of no version that was published` };
  if (k === null) return null;
  if (k < oldest || k > latest)
    return { kind: "stale", text: `${question.id}: version ${k} was seen while ${oldest} to ${latest} were published` };
  const before = newest.get(number) ?? 0;
  newest.set(number, Math.max(before, k));
  return k < before ? { kind: "back", text: `${question.id}: a connection saw version ${k} after ${before}` } : null;
}

function check(answers, growths) {
  const found = { errors: 0, torn: 0, stale: 0, back: 0 }, newest = new Map(), texts = [];
  for (const answer of answers) {
    const problem = problemOf(answer, growths, newest);
    if (!problem) continue;
    found[problem.kind]++;
    texts.push(problem.text);
  }
  for (const text of texts.slice(0, 10)) say(`${text}\n`);
  return found;
}

// ---- figures -------------------------------------------------------------------------------------------------------

const rounded = (x) => Number(x.toFixed(3));

function percentiles(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (p) => rounded(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * p) - 1)] ?? 0);
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(1) };
}

function figuresOf({ answers, seconds }, questions) {
  const of = (list) => ({ questions: list.length, ...percentiles(list.map((a) => a.ms)) });
  const each = questions.map((q) => [q.id, of(answers.filter((a) => a.question === q))]);
  return { ...of(answers), per_second: rounded(answers.length / seconds), each: Object.fromEntries(each) };
}

function report(r) {
  const line = (name, f) => `| ${name} | ${f.questions} | ${f.per_second} | ${f.p50_ms} | ${f.p95_ms} | ${f.p99_ms} | ${f.max_ms} |\n`;
  const { count, lines, seconds } = r.loads;
  return `| ${r.connections} connections | questions | per second | p50 ms | p95 ms | p99 ms | most ms |\n|---|---|---|---|---|---|---|\n` +
    line("without a load", r.without) + line("while loads run", r.with) +
    `| ratio | | | ${r.ratio.p50} | ${r.ratio.p95} | ${r.ratio.p99} | |\n\n` +
    `${count} loads of ${lines} line orders, ${seconds} s each (median). Errors ${r.errors}, torn answers ${r.torn}, ` +
    `stale ${r.stale}, going back ${r.back}.\n`;
}

// ---- the whole -----------------------------------------------------------------------------------------------------

async function prepare(options) {
  const db = path.join(options.out, "patron"), copy = path.join(options.out, "dashboard", "patron");
  mkdirSync(options.out, { recursive: true });
  const isThere = existsSync(db);
  if (!isThere && !options.scale) throw new Error(`${db} is not there: give --scale N, or run tools/bench/ssb first`);
  const data = await dataOf(options, say);
  if (!isThere) {
    say("loading\n");
    await new Patron(options).load(data);
  }
  copyWarehouse(db, copy);
  return { data, copy };
}

async function measure(options, server, data, copy) {
  const questions = readMix();
  const through = options.through === "server" ? await server.connect([]) : null;
  const loads = await Loads.prepare(options.patron, copy, data, options.lines, through);
  const connections = [];
  for (let i = 0; i < options.connections; i++) connections.push(await server.connect(options.settings));
  const base = await tablesOf(connections[0], questions);
  await part(connections, questions, options, loads, Math.min(2, options.seconds / 4), false); // warms up
  say(`asking for ${options.seconds} s\n`);
  const without = await part(connections, questions, options, loads, options.seconds, false);
  say(`asking for ${options.seconds} s while loads run\n`);
  const during = await part(connections, questions, options, loads, options.seconds, true);
  const last = await tablesOf(connections[0], questions);
  const growths = new Map(questions.map((q) => [q.id, growth(base.get(q.id), last.get(q.id), loads.published)]));
  const found = check([...without.answers, ...during.answers], growths);
  const [a, b] = [figuresOf(without, questions), figuresOf(during, questions)];
  const ratio = (name) => rounded(b[name] / a[name]);
  return {
    without: a, with: b, ratio: { p50: ratio("p50_ms"), p95: ratio("p95_ms"), p99: ratio("p99_ms") }, ...found,
    loads: { count: loads.published, lines: loads.nLines, seconds: percentiles(loads.seconds).p50_ms },
    server_memory: server.memory(),
  };
}

async function main() {
  const options = readOptions(), start = loadavg()[0];
  const { data, copy } = await prepare(options);
  const server = await Server.start(options.patron, copy, options.threads);
  try {
    const measured = await measure(options, server, data, copy);
    const { connections, seconds, pause, small, through, threads, settings } = options;
    const version = (await run(options.patron, ["--version"])).output.trim();
    const result = {
      when: new Date().toISOString(), version, scale: options.scale, connections, seconds, pause_ms: pause, small, through, threads,
      settings, load_average: [start, loadavg()[0]], ...measured,
    };
    writeFileSync(path.join(options.out, "dashboard.json"), JSON.stringify(result, null, 1) + "\n");
    process.stdout.write(report(result));
    return result.errors + result.torn + result.stale + result.back > 0 ? 1 : 0;
  } finally {
    await server.stop();
  }
}

main().then(
  (status) => (process.exitCode = status),
  (e) => {
    say(`dashboard: ${e.message}\n${e.code?.startsWith?.("ERR_PARSE_ARGS") || e.message.startsWith("--") ? usage : ""}`);
    process.exitCode = 2;
  },
);
