import type { Terminal } from '../command.ts';
import type { AuditProgress } from './audit.ts';

/** How often a running count is shown. */
const EVERY_MS = 2_000;

/** One line when a look ends, and now and then one about how far it is. */
export function printedProgress(terminal: Terminal): AuditProgress {
  let shownAt = performance.now();
  return {
    onLook: ({ id }, look) => {
      if (look > 1) terminal.note(`${id}: looking again`);
    },
    onChecked: ({ id }, checked) => {
      // The clock is read once in a thousand things: it costs more than the count.
      if (checked % 1_000 !== 0 || performance.now() - shownAt < EVERY_MS) return;
      shownAt = performance.now();
      terminal.note(`${id}: ${checked} checked so far`);
    },
    onLooked: ({ id }, { checked, total, reason }) => {
      const outcome = reason ?? (total === 0 ? 'nothing wrong' : `${total} offending`);
      terminal.note(`${id}: ${checked} checked, ${outcome}`);
    },
  };
}
