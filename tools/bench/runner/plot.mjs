// The medians as a picture: a line per question, a mark per form, milliseconds on a logarithmic scale.
import { forms } from "./report.mjs";

const colors = ["#d62728", "#ff9896", "#1f77b4", "#17becf", "#2ca02c", "#98df8a", "#9467bd"];
const width = 900, left = 60, right = 30, top = 60, line = 22, bottom = 40;

const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export function plot(result) {
  const shown = forms.map(([id, title], i) => ({ key: `${id}_ms`, title, color: colors[i] })).filter(({ key }) => result.queries.some((q) => q[key] !== null));
  const values = result.queries.flatMap((q) => shown.map(({ key }) => q[key])).filter((x) => x > 0);
  const low = Math.floor(Math.log10(Math.min(1, ...values))), high = Math.ceil(Math.log10(Math.max(10, ...values)));
  const x = (ms) => left + ((Math.log10(ms) - low) / (high - low)) * (width - left - right);
  const y = (i) => top + i * line + line / 2;
  const height = top + result.queries.length * line + bottom;
  const parts = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
                 `<rect width="${width}" height="${height}" fill="white"/>`];
  for (let d = low; d <= high; d++) {
    parts.push(`<line x1="${x(10 ** d)}" x2="${x(10 ** d)}" y1="${top}" y2="${height - bottom}" stroke="#ccc"/>`,
               `<text x="${x(10 ** d)}" y="${height - bottom + 16}" text-anchor="middle">${d < 3 ? `${10 ** d} ms` : `${10 ** (d - 3)} s`}</text>`);
  }
  shown.forEach(({ title, color }, i) => {
    const at = left + i * 118;
    parts.push(`<circle cx="${at}" cy="36" r="5" fill="${color}"/>`, `<text x="${at + 9}" y="40">${escape(title)}</text>`);
  });
  parts.push(`<text x="${left}" y="18" font-weight="bold">Star Schema Benchmark, ${result.load.patron.rows} facts, ${result.threads} threads, medians</text>`);
  result.queries.forEach((q, i) => {
    parts.push(`<text x="${left - 10}" y="${y(i) + 4}" text-anchor="end">${escape(q.id)}</text>`,
               `<line x1="${left}" x2="${width - right}" y1="${y(i)}" y2="${y(i)}" stroke="#eee"/>`);
    for (const { key, color } of shown)
      if (q[key] > 0) parts.push(`<circle cx="${x(q[key]).toFixed(1)}" cy="${y(i)}" r="4.5" fill="${color}" fill-opacity="0.85"/>`);
  });
  return parts.join("\n") + "\n</svg>\n";
}
