// The benchmark: make or take the data, load every system, compare every answer, then ask in turn, warm.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import path from "node:path";

import { difference } from "./answers.mjs";
import { ClickHouse } from "./clickhouse.mjs";
import { DuckDb } from "./duckdb.mjs";
import { readOptions } from "./options.mjs";
import { Patron } from "./patron.mjs";
import { plot } from "./plot.mjs";
import { endRunning } from "./process.mjs";
import { readQuestions } from "./questions.mjs";
import { median, report } from "./report.mjs";
import { Sqlite } from "./sqlite.mjs";
import { dataOf } from "./tables.mjs";

const known = { duckdb: DuckDb, clickhouse: ClickHouse, sqlite: Sqlite };
let isLineOpen = false; // on standard error
const say = (text) => {
  isLineOpen = !text.endsWith("\n");
  process.stderr.write(text);
};
const sayLine = (text) => say(`${isLineOpen ? "\n" : ""}ssb: ${text}\n`);

// ---- an earlier run ------------------------------------------------------------------------------------------------

const isOf = (system) => (id) => id.split("_")[0] === system.name;

// The figures that --reuse goes on from, without those of systems that are loaded again.
function readEarlier(file, systems, options) {
  let earlier;
  try {
    earlier = JSON.parse(readFileSync(file, "utf8"));
  } catch (e) {
    throw new Error(`--reuse: ${e.code === "ENOENT" ? "an earlier run left no" : "cannot read"} ${file}: ask without --reuse first`);
  }
  for (const system of systems) {
    const ids = Object.keys(earlier.load ?? {}).filter(isOf(system));
    if (options.reload.includes(system.name)) for (const id of ids) delete earlier.load[id];
    else if (ids.length === 0) throw new Error(`--reuse: an earlier run did not load ${system.name}: add --reload ${system.name}`);
  }
  options.scale ??= earlier.scale;
  return earlier;
}

// ---- loading -------------------------------------------------------------------------------------------------------

// All systems, or those that are to be loaded again beside what an earlier run left.
async function loadAll(systems, options, earlier) {
  const data = await dataOf(options, say);
  const load = earlier?.load ?? {};
  for (const system of systems) {
    if (earlier && !options.reload.includes(system.name)) continue;
    say(`loading ${system.name}`);
    const loaded = await system.load(data);
    Object.assign(load, loaded);
    say(Object.entries(loaded).map(([id, f]) => `${id === system.name ? "" : ` ${id}`} ${f.seconds.toFixed(1)} s, ${(f.bytes / 1e6).toFixed(0)} MB`).join(";") + "\n");
  }
  return { load, csv_bytes: data.bytes };
}

// ---- asking --------------------------------------------------------------------------------------------------------

// Asks every form once and returns what is wrong with its answer, { form: words }; Patron's is the one to compare with.
async function compareAnswers(question, forms) {
  const problems = {};
  let expected = null;
  for (const form of forms) {
    try {
      const table = (await form.ask(question)).table();
      expected ??= table;
      const problem = difference(expected, table);
      if (problem) problems[form.id] = problem;
    } catch (e) {
      problems[form.id] = e.message;
      if (form.id === "patron") break;
    }
  }
  return problems;
}

// A question that took less than this is asked once untimed before it is timed: between two rounds the other systems read
// and keep gigabytes, and the first answer after them waits for pages that they displaced.
const shortMs = 500;

async function askWarm(form, question, before) {
  if (before.length === 0 || before.at(-1)[0] < shortMs) await form.ask(question);
  const { ms, batchMs } = await form.ask(question);
  return [ms, batchMs];
}

// All questions to all forms in turn, `runs` times; { question: { form: [[ms, batch ms]] } }
async function measure(questions, forms, problems, options) {
  const times = Object.fromEntries(questions.map((q) => [q.id, Object.fromEntries(forms.map((f) => [f.id, []]))]));
  const spent = (list) => list.reduce((sum, [ms]) => sum + ms, 0) / 1000;
  for (let i = 0; i < options.runs; i++) {
    say(`${i === 0 ? "asking, run" : ""} ${i + 1}${i + 1 === options.runs ? "\n" : ""}`);
    for (const question of questions)
      for (const form of forms) {
        const list = times[question.id][form.id];
        if (problems[question.id][form.id] || (list.length >= 3 && spent(list) > options.seconds)) continue;
        list.push(await askWarm(form, question, list));
      }
  }
  return times;
}

const figures = ["patron", "patron_cuboid", "duckdb_star", "duckdb_star_by_date", "duckdb_flat", "duckdb_flat_by_date", "clickhouse_flat"];

function summary(question, problems, times, memory) {
  const equal = Object.keys(problems).length === 0;
  const result = { id: question.id, title: question.title, equal, ...(equal ? {} : { problems }) };
  for (const form of figures) result[`${form}_ms`] = median((times[form] ?? []).map(([ms]) => ms));
  result.patron_batch_ms = median((times.patron ?? []).map(([, ms]) => ms));
  result.patron_memory = memory ?? null;
  return result;
}

// Asks everything once, which is what the adviser goes by, then has its cuboids made unless an earlier run did.
async function addCuboids(patron, questions, load) {
  for (const question of questions) await patron.forms[0].ask(question).catch(() => {}); // comparing tells what is wrong
  say("making cuboids");
  const made = await patron.useCuboids(load.patron_cuboids === undefined);
  if (made) load.patron_cuboids = made;
  say(` ${load.patron_cuboids.seconds.toFixed(1)} s, ${(load.patron_cuboids.bytes / 1e6).toFixed(1)} MB\n`);
}

// ---- the whole -----------------------------------------------------------------------------------------------------

async function closeAll(systems) {
  for (const system of systems) await system.close();
}

let isStopped = false; // by a signal, which has been told

async function main() {
  const options = readOptions(process.argv.slice(2));
  const questions = readQuestions(options.only);
  for (const name of options.peers) if (!known[name]) throw new Error(`there is no peer '${name}'; there are ${Object.keys(known).join(", ")}`);
  const systems = [new Patron(options), ...options.peers.map((name) => new known[name](options))];
  for (const name of options.reload)
    if (!systems.some((system) => system.name === name)) throw new Error(`--reload: '${name}' is not asked`);
  const figuresFile = path.join(options.out, "ssb.json");
  mkdirSync(options.out, { recursive: true });
  const start = loadavg()[0];
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => {
      sayLine("stopped; what was loaded to the end can be asked with --reuse");
      isStopped = true;
      endRunning();
      closeAll(systems).finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
    });
  try {
    const earlier = options.reuse ? readEarlier(figuresFile, systems, options) : null;
    const write = (result) => writeFileSync(figuresFile, JSON.stringify(result, null, 1) + "\n");
    let loaded = earlier;
    if (!earlier || options.reload.length > 0) {
      write({ scale: options.scale, load: earlier?.load ?? {}, queries: [] }); // else an interrupted load seems to be whole
      loaded = await loadAll(systems, options, earlier);
      write({ scale: options.scale, ...loaded, queries: [] });
    }
    const versions = {};
    for (const system of systems) {
      await system.open();
      versions[system.name] = await system.version();
    }
    await addCuboids(systems[0], questions, loaded.load);
    const forms = systems.flatMap((system) => system.forms);
    const timed = systems.filter((system) => system.isTimed ?? true).flatMap((system) => system.forms);
    const problems = {}, memory = {};
    for (const system of systems) system.begin?.(questions);
    for (const question of questions) {
      problems[question.id] = await compareAnswers(question, forms);
      for (const [form, problem] of Object.entries(problems[question.id])) say(`${question.id}: ${form}: ${problem}\n`);
      if (!problems[question.id].patron) memory[question.id] = await systems[0].memoryOf(question);
    }
    const times = await measure(questions, timed, problems, options);
    const result = {
      scale: options.scale, threads: options.threads, runs: options.runs, when: new Date().toISOString(),
      load_average: [start, loadavg()[0]], versions, csv_bytes: loaded.csv_bytes, load: loaded.load,
      queries: questions.map((q) => summary(q, problems[q.id], times[q.id], memory[q.id])),
    };
    write(result);
    const text = report(result);
    writeFileSync(path.join(options.out, "ssb.md"), text);
    writeFileSync(path.join(options.out, "ssb.svg"), plot(result));
    process.stdout.write(text);
    return result.queries.every((q) => q.equal) ? 0 : 1;
  } finally {
    await closeAll(systems);
  }
}

main().then(
  (status) => (process.exitCode = status),
  (e) => {
    if (isStopped) return;
    sayLine(e.message);
    process.exitCode = 1;
  },
);
