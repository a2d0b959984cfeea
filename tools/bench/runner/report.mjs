// The figures as a page of tables.
export const forms = [
  ["patron", "Patron"],
  ["patron_cuboid", "with cuboids"],
  ["duckdb_star", "DuckDB star"],
  ["duckdb_star_by_date", "star by date"],
  ["duckdb_flat", "flat"],
  ["duckdb_flat_by_date", "flat by date"],
  ["clickhouse_flat", "ClickHouse flat"],
];

const peers = forms.slice(2).map(([id]) => id);
const row = (cells) => `| ${cells.join(" | ")} |\n`;
export const ms = (x) => (x === null ? "" : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
const times = (x) => (x === null ? "" : `${x >= 10 ? x.toFixed(0) : x.toFixed(1)}x`);

export function median(list) {
  const sorted = list.filter((x) => x !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const x = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  return Number(x.toFixed(3));
}

function geometricMean(list) {
  return list.length === 0 ? null : Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);
}

const bestPeer = (q) => {
  const known = peers.map((id) => q[`${id}_ms`]).filter((x) => x !== null);
  return known.length === 0 ? null : Math.min(...known);
};

// How many times longer than Patron a form took, over the questions that both answered.
function meanRatio(queries, of) {
  const both = queries.filter((q) => of(q) !== null && q.patron_ms > 0);
  return geometricMean(both.map((q) => of(q) / q.patron_ms));
}

function questionTable(queries) {
  const shown = forms.filter(([id]) => id === "patron" || queries.some((q) => q[`${id}_ms`] !== null));
  const hasPeers = queries.some((q) => bestPeer(q) !== null);
  let text = row(["", ...shown.map(([, title]) => title), "over the pipe", ...(hasPeers ? ["best peer / Patron"] : []), "equal"]);
  text += row(new Array(shown.length + 3 + hasPeers).fill("---"));
  for (const q of queries) {
    const ratio = bestPeer(q) !== null && q.patron_ms ? bestPeer(q) / q.patron_ms : null;
    text += row([q.id, ...shown.map(([id]) => ms(q[`${id}_ms`])), ms(q.patron_batch_ms), ...(hasPeers ? [times(ratio)] : []), q.equal ? "yes" : "NO"]);
  }
  const mean = (of) => ms(geometricMean(queries.map(of).filter((x) => x !== null)));
  text += row(["geometric mean", ...shown.map(([id]) => mean((q) => q[`${id}_ms`])), mean((q) => q.patron_batch_ms),
               ...(hasPeers ? [times(meanRatio(queries, bestPeer))] : []), ""]);
  if (hasPeers)
    text += row(["/ Patron", ...shown.map(([id]) => times(meanRatio(queries, (q) => q[`${id}_ms`]))), "", "", ""]);
  return text;
}

function loadTable(result) {
  const rows = result.load.patron.rows;
  let text = row(["", "seconds", "MB", "bytes a row"]) + row(["---", "---", "---", "---"]);
  for (const [id, f] of Object.entries(result.load))
    text += row([id, f.seconds.toFixed(1), (f.bytes / 1e6).toFixed(1), (f.bytes / rows).toFixed(1)]);
  return text;
}

const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

function memoryLine(result) {
  const known = result.queries.filter((q) => q.patron_memory).sort((a, b) => b.patron_memory - a.patron_memory);
  if (known.length === 0) return "";
  return `\nPatron's own memory beyond the mapped files while it answered from facts: at most ${mb(known[0].patron_memory)} (${known[0].id})` +
    (known.length > 1 ? `, then ${mb(known[1].patron_memory)} (${known[1].id}), least ${mb(known.at(-1).patron_memory)} (${known.at(-1).id}).\n` : ".\n");
}

export function report(result) {
  const own = result.queries.filter((q) => !q.id.startsWith("C")), customers = result.queries.filter((q) => q.id.startsWith("C"));
  const scale = result.scale === null ? "data made elsewhere" : `scale ${result.scale}`;
  let text = `# Star Schema Benchmark, ${scale}: ${result.load.patron.rows} facts, ${result.threads} threads\n\n`;
  text += `${Object.values(result.versions).join("; ")}. ${result.when}; load average ${result.load_average.map((x) => x.toFixed(1)).join(" to ")}.\n`;
  text += `Milliseconds, medians of ${result.runs} runs in turn, each after an untimed one if short; Patron as a call of its library, DuckDB of its; ClickHouse by its server\'s own clock; "over the pipe" is Patron asked through its batch door.\n`;
  if (own.length > 0) text += `\n## The benchmark's questions\n\n${questionTable(own)}`;
  if (customers.length > 0) text += `\n## Customer questions\n\n${questionTable(customers)}`;
  for (const q of customers) text += `\n${q.id}: ${q.title}`;
  text += `\n\n## Loading\n\nThe five tables (${(result.csv_bytes / 1e6).toFixed(1)} MB). Forms other than the first of a system include the time of the form they are made from.\n\n`;
  text += loadTable(result);
  if (result.load.patron.memory) text += `\nPatron's load took at most ${mb(result.load.patron.memory)} of memory, with the mapped files.\n`;
  return text + memoryLine(result);
}
