// @ts-check
/**
 * Progress for people. On a terminal the steps that run share one line that is rewritten, and each that ends leaves
 * its own line above; elsewhere (a pipe, CI) each event is one plain line, without an escape code.
 */

/** How often the live line is rewritten, in milliseconds: often enough for the eye, seldom enough for the CPU. */
const REDRAW_MS = 120;
/** Width assumed for a terminal that does not tell its own. */
const DEFAULT_COLUMNS = 80;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[2K';

/**
 * @typedef {object} Step one piece of work that is shown while it runs
 * @property {(text: string) => void} note what it is doing now; only a terminal shows each
 * @property {(text?: string) => void} done it succeeded; shown with its time
 * @property {(text?: string) => void} fail it did not
 */

/**
 * @typedef {object} Progress
 * @property {(name: string, text?: string) => Step} step begins a step
 * @property {(text: string) => void} say a line that stays
 * @property {() => void} close stops redrawing; later lines are still printed
 */

/** Shows nothing; what the launcher uses when nobody gave a progress. @type {Progress} */
export const silentProgress = {
  step: () => ({ note() {}, done() {}, fail() {} }),
  say() {},
  close() {},
};

/**
 * @param {object} [options]
 * @param {NodeJS.WritableStream & { isTTY?: boolean, columns?: number }} [options.stream]
 * @param {NodeJS.ProcessEnv} [options.env] NO_COLOR (any value) and CI switch to plain lines
 * @returns {Progress}
 */
export function createTerminal({ stream = process.stdout, env = process.env } = {}) {
  const plain = !stream.isTTY || Boolean(env['NO_COLOR']) || Boolean(env['CI']) || env['TERM'] === 'dumb';
  return plain ? plainProgress(stream) : liveProgress(stream);
}

/** @param {number} sinceMs @returns {string} like "4.1 s" */
export function secondsSince(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** @param {NodeJS.WritableStream} stream @returns {Progress} */
function plainProgress(stream) {
  /** @param {string} text */
  const print = (text) => void stream.write(`${text}\n`);
  return {
    step(name, text = 'starting') {
      const began = performance.now();
      print(`${name}: ${text}`);
      return {
        note() {},
        done: (detail = 'done') => print(`${name}: ${detail} (${secondsSince(began)})`),
        fail: (detail = 'failed') => print(`${name}: ${detail} (${secondsSince(began)})`),
      };
    },
    say: print,
    close() {},
  };
}

/** @param {NodeJS.WritableStream & { columns?: number }} stream @returns {Progress} */
function liveProgress(stream) {
  /** @type {Map<object, { name: string, text: string, began: number }>} */
  const running = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const redraw = () =>
    void stream.write(CLEAR_LINE + liveLine([...running.values()], stream.columns ?? DEFAULT_COLUMNS));
  /** @param {string} text */
  const say = (text) => {
    stream.write(`${CLEAR_LINE}${text}\n`);
    if (running.size > 0) redraw();
  };
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
    stream.write(CLEAR_LINE);
  };
  return {
    step(name, text = 'starting') {
      const step = { name, text, began: performance.now() };
      running.set(step, step);
      timer ??= setInterval(redraw, REDRAW_MS).unref();
      /** @param {string} mark @param {string} detail */
      const end = (mark, detail) => {
        if (!running.delete(step)) return;
        say(`${mark} ${name.padEnd(14)} ${detail}  ${grey(secondsSince(step.began))}`);
        if (running.size === 0) rest();
      };
      return {
        note: (detail) => void (step.text = detail),
        done: (detail = 'done') => end(green('✓'), detail),
        fail: (detail = 'failed') => end(red('✗'), detail),
      };
    },
    say,
    close: () => (timer === undefined ? undefined : rest()),
  };
}

/**
 * @param {{ name: string, text: string, began: number }[]} steps
 * @param {number} columns
 * @returns {string} at most one line wide, so that rewriting it never leaves a wrapped half behind
 */
export function liveLine(steps, columns) {
  const spinner = SPINNER[Math.floor(performance.now() / REDRAW_MS) % SPINNER.length];
  const line = `${spinner} ${steps.map((s) => `${s.name}: ${s.text} ${secondsSince(s.began)}`).join('   ')}`;
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

/** @param {string} text */
const green = (text) => `\u001b[32m${text}\u001b[39m`;
/** @param {string} text */
const red = (text) => `\u001b[31m${text}\u001b[39m`;
/** @param {string} text */
const grey = (text) => `\u001b[90m${text}\u001b[39m`;
