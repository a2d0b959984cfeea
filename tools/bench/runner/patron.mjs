// Patron: loaded by its command, asked through the batch door of a warm process.
import { rmSync } from "node:fs";
import path from "node:path";

import { finish, tableOfCells } from "./answers.mjs";
import { benchDir } from "./options.mjs";
import { bytesOf, LineProcess, run, seconds } from "./process.mjs";

export class Patron {
  name = "patron";
  #options;
  #db;
  #door = null;

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
    rmSync(this.#db, { recursive: true, force: true });
    await run(patron, ["init", this.#db, "--quiet"]);
    await run(patron, ["define", "--db", this.#db, "--quiet", ...Object.entries(set).flatMap(([k, v]) => ["--set", `${k}=${v}`]),
                       path.join(benchDir, "star", "ssb.patron")]);
    const from = performance.now();
    const { output, memory } = await run(patron, ["load", "--db", this.#db, "--threads", String(threads), "--memory", "2G", "--json"]);
    const figures = { seconds: seconds(from), bytes: bytesOf(this.#db), memory };
    const facts = JSON.parse(output).mappings.find((m) => m.into === "cube");
    return { patron: { ...figures, rows: facts.loaded } };
  }

  async open() {
    const { patron, threads } = this.#options;
    this.#door = new LineProcess(patron, ["query", "--db", this.#db, "--threads", String(threads), "--batch"]);
    const { line } = await this.#execute("SET CACHE = OFF"); // every asking does the work
    if (!JSON.parse(line).ok) throw new Error(line);
  }

  async #execute(mdx) {
    const request = JSON.stringify({ id: 1, timing: true, mdx });
    const from = performance.now();
    const line = await this.#door.ask(request);
    return { ms: performance.now() - from, line };
  }

  async #ask(question) {
    const { ms, line } = await this.#execute(question.mdx);
    const answer = JSON.parse(line);
    if (!answer.ok) throw new Error(answer.error.message);
    let rows = null;
    const table = () => (rows ??= tableOfCells(answer));
    const askerMs = this.#finish(question.id, table, (changed) => (rows = changed));
    return { ms: answer.elapsed_us / 1000 + askerMs, batchMs: ms + askerMs, table };
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

  forms = [{ id: "patron", ask: (question) => this.#ask(question) }];

  async close() {
    await this.#door?.close();
  }
}
