import type { Terminal } from '../command.ts';
import { CommandFailure, sentenceOf } from '../failure.ts';

/** Runs one step and prints what came of it and how long it took. @throws CommandFailure that begins with the step's name */
export async function step(terminal: Terminal, name: string, work: () => Promise<string>): Promise<void> {
  const start = performance.now();
  try {
    const result = await work();
    terminal.out(`${name.padEnd(12)} ${seconds(start)}  ${result}`);
  } catch (error) {
    terminal.out(`${name.padEnd(12)} ${seconds(start)}  failed`);
    throw new CommandFailure(`${name}: ${sentenceOf(error)}`);
  }
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(2).padStart(6)} s`;
}
