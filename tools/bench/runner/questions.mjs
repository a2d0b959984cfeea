// The questions: the files of mdx/, and the SQL of the same names.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { benchDir } from "./options.mjs";

// What a system is told: its own wording if there is one, else the common one for the shape of its tables.
function sqlOf(id, shape, system) {
  const own = path.join(benchDir, "sql", system, `${id}.sql`);
  return readFileSync(existsSync(own) ? own : path.join(benchDir, "sql", shape, `${id}.sql`), "utf8");
}

export function readQuestions(only) {
  const ids = readdirSync(path.join(benchDir, "mdx")).map((name) => path.basename(name, ".mdx"));
  const isCustomer = (id) => id.startsWith("C");
  ids.sort((a, b) => isCustomer(a) - isCustomer(b) || (a < b ? -1 : 1));
  for (const id of only) if (!ids.includes(id)) throw new Error(`there is no question ${id}; there are ${ids.join(", ")}`);
  return ids
    .filter((id) => only.length === 0 || only.includes(id))
    .map((id) => {
      const mdx = readFileSync(path.join(benchDir, "mdx", `${id}.mdx`), "utf8");
      const title = mdx.match(/^-- \S+ (.*)/)[1];
      return { id, title, mdx, isCustomer: isCustomer(id), sql: (shape, system) => sqlOf(id, shape, system) };
    });
}
