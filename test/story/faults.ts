import { spawnSync } from 'node:child_process';

/** How the story kills a service; whoever runs the services starts it again. */
export interface Faults {
  /** kill -9. Resolves when the process is gone. */
  kill(service: string): Promise<void>;
}

/** How long the launcher may take to say that it is done, ms. */
const REPLY_MS = 10_000;

/** The launcher that started the story as its child kills and revives. */
function launcherFaults(): Faults {
  return {
    kill: (service) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the launcher did not kill it in time')), REPLY_MS);
        process.once('message', () => {
          clearTimeout(timer);
          resolve();
        });
        process.send?.({ kill: service });
      }),
  };
}

/** A shell command kills and another starts, `{service}` being the service's name: for compose and whatever else runs the services. */
function commandFaults(kill: string, start: string | undefined): Faults {
  const run = (command: string, service: string): void => {
    const { status, stderr } = spawnSync('sh', ['-c', command.replaceAll('{service}', service)], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
  };
  return {
    kill: async (service) => {
      run(kill, service);
      if (start !== undefined) setTimeout(() => run(start, service), 1000);
    },
  };
}

/** @returns undefined where nobody can kill a service for us: that chapter then fails, it is not left out */
export function chooseFaults(options: {
  killCommand?: string | undefined;
  startCommand?: string | undefined;
}): Faults | undefined {
  if (options.killCommand !== undefined) return commandFaults(options.killCommand, options.startCommand);
  return process.send === undefined ? undefined : launcherFaults();
}
