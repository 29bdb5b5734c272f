// @ts-check
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Lines of a log that an error shows: a stack and the line that began it. */
const TAIL_LINES = 20;
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
 * @param {number} [count]
 * @returns {string} its last lines that are not empty
 */
export function lastLines(text, count = TAIL_LINES) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join('\n');
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
