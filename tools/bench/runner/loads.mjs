// Loads of new line orders, one after the other: each is the same lines under order numbers of its own.
import { createReadStream, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";

import { benchDir } from "./options.mjs";
import { run } from "./process.mjs";

const mapping = "more lines";
const ordersApart = 10 ** 12; // more than there are orders

// The first lines of lineorder.tbl, cut before and behind the number of the order.
async function firstLines(file, delimiter, n) {
  const lines = [];
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const end = line.indexOf(delimiter);
    lines.push([Number(line.slice(0, end).replaceAll('"', "")), line.slice(end)]);
    if (lines.length === n) break;
  }
  return lines;
}

// The mapping of lineorder once more, under another name and from other files.
function definitions(dir, delimiter) {
  const star = readFileSync(path.join(benchDir, "star", "ssb.patron"), "utf8");
  const lineorder = star.slice(star.indexOf("CREATE MAPPING [lineorder]"));
  return `CREATE SOURCE [${mapping}] TYPE csv OPTIONS (directory '${dir.replaceAll("'", "''")}', header OFF, delimiter '${delimiter}');\n` +
    lineorder.replace("[lineorder]", `[${mapping}]`).replace("[ssb].'lineorder.tbl'", `[${mapping}].'more_*.tbl'`);
}

export class Loads {
  #patron;
  #db;
  #dir;
  #lines;
  #load;
  started = 0;
  published = 0;
  seconds = [];

  // `through`: a connection to load through, or null for the command.
  static async prepare(patron, db, data, n, through) {
    const loads = new Loads();
    const file = data.files.lineorder;
    loads.#patron = patron;
    loads.#db = db;
    loads.#dir = path.join(path.dirname(db), "more");
    rmSync(loads.#dir, { recursive: true, force: true });
    mkdirSync(loads.#dir);
    loads.#lines = await firstLines(file.file, data.delimiter, n);
    const script = path.join(loads.#dir, "more.patron");
    writeFileSync(script, definitions(loads.#dir, data.delimiter));
    const day = (column) => (file.isIso ? `REPLACE(${column}, '-', '')` : column);
    await run(patron, ["define", "--db", db, "--quiet", "--set", `orderdate=${day("c6")}`, "--set", `commitdate=${day("c16")}`, script]);
    loads.#load = through
      ? () => through.execute(`LOAD [${mapping}]`)
      : () => run(patron, ["load", mapping, "--db", db, "--quiet"]);
    return loads;
  }

  get nLines() {
    return this.#lines.length;
  }

  // The file appears whole, is loaded, and goes again.
  async next() {
    const from = performance.now(), shift = (this.started + 1) * ordersApart;
    const hidden = path.join(this.#dir, ".more.tmp"), file = path.join(this.#dir, `more_${this.started + 1}.tbl`);
    writeFileSync(hidden, this.#lines.map(([order, rest]) => `${order + shift}${rest}\n`).join(""));
    renameSync(hidden, file);
    this.started++;
    const before = performance.now();
    await this.#load();
    this.published++;
    this.seconds.push((performance.now() - before) / 1000);
    rmSync(file);
    return performance.now() - from;
  }
}
