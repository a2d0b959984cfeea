// Patron: loaded by its command, asked through the batch door of a warm process, from facts alone: no results of earlier
// statements, no cuboids. With cuboids it is a second form, asked through another process.
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

import { finish, tableOfCells } from "./answers.mjs";
import { benchDir } from "./options.mjs";
import { bytesOf, LineProcess, ownMemoryDuring, run, seconds } from "./process.mjs";

const withRejects = 3; // exit status of a load

export class Patron {
  name = "patron";
  #options;
  #db;
  #doors = [];

  constructor(options) {
    this.#options = options;
    this.#db = path.join(options.out, "patron");
  }

  async version() {
    return (await run(this.#options.patron, ["--version"])).output.trim();
  }

  async load(data) {
    const { patron, threads } = this.#options;
    const day = (table, column) => (data.files[table].isIso ? `REPLACE(${column}, '-', '')` : column);
    const set = { data: data.dir, delimiter: data.delimiter, datekey: day("date", "c1"),
                  orderdate: day("lineorder", "c6"), commitdate: day("lineorder", "c16") };
    this.#refuseOther();
    rmSync(this.#db, { recursive: true, force: true });
    await run(patron, ["init", this.#db, "--quiet"]);
    await run(patron, ["define", "--db", this.#db, "--quiet", ...Object.entries(set).flatMap(([k, v]) => ["--set", `${k}=${v}`]),
                       path.join(benchDir, "star", "ssb.patron")]);
    const from = performance.now();
    const { output, memory } = await run(patron, ["load", "--db", this.#db, "--threads", String(threads), "--memory", "2G", "--json"],
                                         { allowed: [0, withRejects] });
    const figures = { seconds: seconds(from), bytes: bytesOf(this.#db), memory };
    const summary = JSON.parse(output);
    if (summary.rejected > 0) throw new Error(await this.#rejects(summary.rejected));
    const facts = summary.mappings.find((m) => m.into === "cube");
    return { patron: { ...figures, rows: facts.loaded } };
  }

  // What is no warehouse is not removed, such as a clone of the sources below --out.
  #refuseOther() {
    const names = existsSync(this.#db) ? readdirSync(this.#db) : [];
    if (names.length > 0 && !names.some((name) => ["catalog.mdb", "seg", "dim"].includes(name)))
      throw new Error(`${this.#db} is no warehouse and was left as it is: name another directory with --out`);
  }

  // All systems must have the same rows, so a row that does not fit ends the run.
  async #rejects(n) {
    const { output } = await run(this.#options.patron, ["query", "--db", this.#db, "--format", "json", "SHOW REJECTS"]);
    const { columns, rows } = JSON.parse(output);
    const at = (name) => rows[0][columns.findIndex((c) => c.name === name)];
    return `${n} row(s) do not fit, the first in ${at("file")}, line ${at("line")}: ${at("reason")}`;
  }

  async #openDoor(cuboids) {
    const { patron, threads } = this.#options;
    const door = new LineProcess(patron, ["query", "--db", this.#db, "--threads", String(threads), "--batch"]);
    this.#doors.push(door);
    for (const setting of ["CACHE = OFF", `CUBOIDS = ${cuboids}`]) await this.#answer(door, `SET ${setting}`);
    return door;
  }

  async open() {
    const door = await this.#openDoor("OFF");
    this.forms = [{ id: "patron", ask: (question) => this.#ask(door, question) }];
  }

  async #execute(door, mdx) {
    const request = JSON.stringify({ id: 1, timing: true, mdx });
    const from = performance.now();
    const line = await door.ask(request);
    return { ms: performance.now() - from, answer: JSON.parse(line) };
  }

  async #answer(door, text) {
    const { answer } = await this.#execute(door, text);
    if (!answer.ok) throw new Error(`${text}: ${answer.error.message}`);
    return answer;
  }

  // Adds a form that uses cuboids. First, if they are to be made, those that the adviser proposes for the questions asked
  // so far in at most a fifth of the bytes of the facts; returns what they cost.
  async useCuboids(areToBeMade) {
    const asked = this.#doors[0], door = await this.#openDoor("ON");
    this.forms.push({ id: "patron_cuboid", ask: (question) => this.#ask(door, question) });
    if (!areToBeMade) return null;
    const before = bytesOf(this.#db), from = performance.now();
    const advice = await this.#answer(asked, "ADVISE CUBOIDS FOR CUBE [SSB] WITHIN 20 %");
    for (const [statement] of advice.rows) await this.#answer(asked, statement);
    return { seconds: seconds(from), bytes: bytesOf(this.#db) - before };
  }

  async #ask(door, question) {
    const { ms, answer } = await this.#execute(door, question.mdx);
    if (!answer.ok) throw new Error(answer.error.message);
    let rows = null;
    const table = () => (rows ??= tableOfCells(answer));
    const askerMs = this.#finish(question.id, table, (changed) => (rows = changed));
    return { ms: answer.elapsed_us / 1000 + askerMs, batchMs: ms + askerMs, table };
  }

  // Bytes at most, beyond the mapped files, while a question is answered from facts.
  memoryOf(question) {
    return ownMemoryDuring(this.#doors[0].pid, () => this.forms[0].ask(question));
  }

  // What the question leaves to who asks; how long that took.
  #finish(id, table, put) {
    const last = finish[id];
    if (!last) return 0;
    const rows = table();
    const from = performance.now();
    put(last(rows));
    return performance.now() - from;
  }

  async close() {
    for (const door of this.#doors.splice(0)) await door.close();
  }
}
