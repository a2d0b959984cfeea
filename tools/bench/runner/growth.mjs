// Two warehouses of different scale are asked the same in turn: other work on the machine slows both alike.
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

import { findCommand } from "./options.mjs";
import { Patron } from "./patron.mjs";
import { readQuestions } from "./questions.mjs";
import { median, ms } from "./report.mjs";

const usage = `usage: tools/bench/growth SMALL LARGE [OPTION...]

  SMALL, LARGE       the --out of two runs of tools/bench/ssb, as of scale 1 and scale 10
  --runs N           rounds of each question; default 15
  --threads N        default: all processors
  --questions LIST   only these, as in Q1.1,C6
  --patron FILE      the command; default build/release/patron

Prints the medians in milliseconds, from facts alone, and how many times longer the larger one takes.
`;

function readOptions() {
  const text = { type: "string" };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: text, threads: text, questions: text, patron: text, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  if (positionals.length !== 2) throw new Error("two directories are expected, SMALL and LARGE");
  const outs = positionals.map((dir) => path.resolve(dir));
  for (const out of outs)
    if (!existsSync(path.join(out, "patron"))) throw new Error(`${out} has no warehouse: tools/bench/ssb --scale N --out ${out}`);
  const count = (name, fallback) => {
    const n = Number(values[name] ?? fallback);
    if (!Number.isInteger(n) || n < 1 || n > 10000) throw new Error(`--${name}: expected a whole number from 1 to 10000, not '${values[name]}'`);
    return n;
  };
  return {
    outs, patron: findCommand(values.patron), runs: count("runs", 15), threads: count("threads", availableParallelism()),
    questions: readQuestions((values.questions ?? "").split(",").filter((id) => id)),
  };
}

// The first of two questions in a row is not timed: it finds the caches as the other warehouse left them.
async function askTwice(warehouse, question) {
  await warehouse.forms[0].ask(question);
  return (await warehouse.forms[0].ask(question)).ms;
}

async function measure(question, warehouses, runs) {
  const times = warehouses.map(() => []);
  for (let i = 0; i <= runs; i++)
    for (const [k, warehouse] of warehouses.entries()) {
      const took = await askTwice(warehouse, question);
      if (i > 0) times[k].push(took); // in the first round blocks are verified
    }
  return times.map(median);
}

try {
  const options = readOptions();
  const warehouses = options.outs.map((out) => new Patron({ ...options, out }));
  for (const warehouse of warehouses) await warehouse.open();
  process.stdout.write("|  | small | large | times |\n| --- | --- | --- | --- |\n");
  for (const question of options.questions) {
    const [small, large] = await measure(question, warehouses, options.runs);
    process.stdout.write(`| ${question.id} | ${ms(small)} | ${ms(large)} | ${(large / small).toFixed(1)} |\n`);
  }
  process.stdout.write(`\n${options.threads} threads, medians of ${options.runs} rounds, load average ${loadavg()[0].toFixed(1)}\n`);
  for (const warehouse of warehouses) await warehouse.close();
} catch (e) {
  process.stderr.write(`growth: ${e.message}\n`);
  process.exit(2);
}
