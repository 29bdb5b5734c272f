// @ts-check
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Lines of a log that an error shows: a stack and the line that began it. */
const TAIL_LINES = 20;
/** Of them, from the beginning of what a command printed. */
const HEAD_LINES = 8;
/** Bytes read from the end of a log for that. */
const TAIL_BYTES = 16 * 1024;
/** A log that has grown past this is set aside as `<name>.1` when its process starts, in bytes. */
const LOG_BYTES_MAX = 32 * 1024 * 1024;

/**
 * The last lines of a log, for an error message.
 *
 * @param {string} file
 * @param {number} [fromByte] what lies before it belongs to an earlier run
 * @returns {string} at most 20 lines, or '' when there is nothing to read
 */
export function logTail(file, fromByte = 0) {
  let fd;
  try {
    fd = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const end = fstatSync(fd).size;
    const start = Math.max(fromByte, end - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, end - start));
    readSync(fd, buffer, 0, buffer.length, start);
    return lastLines(buffer.toString('utf8'));
  } finally {
    closeSync(fd);
  }
}

/**
 * @param {string} text
 * @returns {string} its last lines that are not empty
 */
export function lastLines(text) {
  return filledLines(text).slice(-TAIL_LINES).join('\n');
}

/** @param {string} text */
function filledLines(text) {
  return text.split('\n').filter((line) => line.trim() !== '');
}

/**
 * What a failed command said, cut in the middle: some tools tell the cause first (npm, tsc), others last (Maven, apt).
 *
 * @param {string} text
 * @returns {string} at most about 20 lines
 */
export function excerpt(text) {
  const lines = filledLines(text);
  if (lines.length <= TAIL_LINES) return lines.join('\n');
  return [...lines.slice(0, HEAD_LINES), '…', ...lines.slice(HEAD_LINES - TAIL_LINES)].join('\n');
}

/**
 * Opens a log for appending, after setting a big old one aside.
 *
 * @param {string} file
 * @returns {{ fd: number, startByte: number }} the caller closes `fd`
 */
export function openLog(file) {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const tooBig = size > LOG_BYTES_MAX;
  if (tooBig) renameSync(file, `${file}.1`);
  return { fd: openSync(file, 'a', 0o600), startByte: tooBig ? 0 : size };
}
