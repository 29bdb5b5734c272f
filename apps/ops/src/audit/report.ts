import type { Verdict } from './audit.ts';

const EXIT = { clean: 0, 'not-checked': 1, violated: 3 } as const;

/** A violation outweighs a check that could not be made. */
export function overall(verdicts: readonly Verdict[]): Verdict['verdict'] {
  const all = verdicts.map((each) => each.verdict);
  return all.includes('violated') ? 'violated' : all.includes('not-checked') ? 'not-checked' : 'clean';
}

export function exitCodeOf(verdicts: readonly Verdict[]): number {
  return EXIT[overall(verdicts)];
}

/** For machines: one JSON object. */
export function asJson(verdicts: readonly Verdict[], at: Date): string {
  return JSON.stringify({ at: at.toISOString(), verdict: overall(verdicts), invariants: verdicts });
}

const WORD = { clean: 'holds', violated: 'BROKEN', 'not-checked': 'not checked' } as const;

/** For people: a line for each invariant, under it the first offences. */
export function asTable(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ says }) => says.length));
  const lines = verdicts.flatMap((each) => [
    [each.invariant.padEnd(3), each.says.padEnd(width), String(each.checked).padStart(9), WORD[each.verdict]].join(
      '  ',
    ),
    ...each.offences.map(({ key, rule, detail }) => `       ${key} [${rule}]: ${detail}`),
    ...(each.total > each.offences.length ? [`       and ${each.total - each.offences.length} more`] : []),
    ...(each.reason === undefined ? [] : [`       ${each.reason}`]),
  ]);
  const head = [''.padEnd(3), 'invariant'.padEnd(width), 'checked'.padStart(9), 'verdict'].join('  ');
  return [head, ...lines, '', summary(verdicts)].join('\n');
}

function summary(verdicts: readonly Verdict[]): string {
  const count = (verdict: Verdict['verdict']): number => verdicts.filter((each) => each.verdict === verdict).length;
  const offences = verdicts.reduce((sum, each) => sum + each.total, 0);
  const checked = verdicts.reduce((sum, each) => sum + each.checked, 0);
  switch (overall(verdicts)) {
    case 'clean':
      return `All ${verdicts.length} invariants hold; ${checked} things checked.`;
    case 'violated':
      return `${count('violated')} of ${verdicts.length} invariants are broken, ${offences} offences.`;
    case 'not-checked':
      return `${count('not-checked')} of ${verdicts.length} invariants could not be checked.`;
  }
}
