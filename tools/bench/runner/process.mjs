// Other programs: run to the end, or kept and asked.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

export const seconds = (from) => (performance.now() - from) / 1000;

// A line of what the system tells of a running process, in bytes; 0 if it does not tell.
function memoryOf(pid, title) {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${title}:\\s+(\\d+)`, "m"))[1]) * 1024;
  } catch {
    return 0;
  }
}

// Highest memory that a process had beyond its mapped files while `work` was done, looked at each millisecond.
export async function ownMemoryDuring(pid, work) {
  let memory = 0;
  const look = () => (memory = Math.max(memory, memoryOf(pid, "RssAnon")));
  const watch = setInterval(look, 1);
  await work().finally(() => clearInterval(watch));
  look();
  return memory;
}

const running = new Set();

// Ends what run() waits for.
export function endRunning() {
  for (const child of running) child.kill("SIGTERM");
}

// Runs a command and returns { output, memory }; throws with what it said on standard error if it fails.
export function run(command, args, { input, cwd, allowed = [0] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    running.add(child);
    const output = [], errors = [];
    let memory = 0;
    const watch = setInterval(() => (memory = Math.max(memory, memoryOf(child.pid, "VmHWM"))), 50);
    child.stdout.on("data", (bytes) => output.push(bytes));
    child.stderr.on("data", (bytes) => errors.push(bytes));
    child.stdin.on("error", () => {}); // it ended early: its status tells why
    child.stdin.end(input ?? "");
    child.on("error", (e) => {
      running.delete(child);
      reject(e);
    });
    child.on("close", (status) => {
      clearInterval(watch);
      running.delete(child);
      if (allowed.includes(status)) resolve({ output: Buffer.concat(output).toString(), memory });
      else reject(new Error(`${path.basename(command)} ${args[0] ?? ""} failed (${status}): ${Buffer.concat(errors).toString().trim()}`));
    });
  });
}

// A process that answers each line with a line.
export class LineProcess {
  #child;
  #ended;
  #pending = [];
  #waiting = null;

  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout.on("data", (bytes) => this.#take(bytes));
    this.#child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
    this.#child.on("close", () => this.#waiting?.reject(new Error(`${path.basename(command)} ended while it was asked`)));
  }

  get pid() {
    return this.#child.pid;
  }

  #take(bytes) {
    this.#pending.push(bytes);
    if (bytes.at(-1) !== 10 || !this.#waiting) return;
    const line = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#waiting.resolve(line);
    this.#waiting = null;
  }

  ask(line) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.stdin.write(line + "\n");
    });
  }

  close() {
    this.#waiting = null;
    this.#child.stdin.end();
    return this.#ended;
  }
}

// Bytes of all files below a directory, or of one file.
export function bytesOf(where) {
  const s = statSync(where);
  if (!s.isDirectory()) return s.size;
  return readdirSync(where).reduce((sum, name) => sum + bytesOf(path.join(where, name)), 0);
}
