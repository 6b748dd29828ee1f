// Programs that run beside the check: started in groups of their own, and never left behind.

import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const running = new Set();

process.on('exit', () => running.forEach((child) => signal(child, 'SIGKILL')));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));

/**
 * Starts a program and waits for the line on standard output that says it is ready.
 * Gives what the pattern matched. `limit` is in milliseconds.
 */
export function start(command, args, { cwd, env, log, ready, limit }) {
  const file = openSync(log, 'w');
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', file],
  });
  running.add(child);
  const done = new Promise((resolve) => child.once('close', resolve)).then(() => {
    running.delete(child);
    closeSync(file);
  });
  Object.assign(child, { done });
  return new Promise((resolve, reject) => {
    const fail = (what) => reject(new Error(`${command} ${what}; see ${log}`));
    const timer = setTimeout(fail, limit, `was not ready within ${limit / 1000} s`);
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail('ended'));
    createInterface(child.stdout).on('line', (line) => {
      writeSync(file, `${line}\n`);
      const match = ready.exec(line);
      if (!match) return;
      clearTimeout(timer);
      resolve(match);
    });
  });
}

/** Ends every program that was started, first politely. */
export async function stopAll() {
  await Promise.all([...running].map(async (child) => {
    signal(child, 'SIGINT');
    const killer = setTimeout(signal, 10_000, child, 'SIGKILL');
    await child.done;
    clearTimeout(killer);
  }));
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended by itself.
  }
}
