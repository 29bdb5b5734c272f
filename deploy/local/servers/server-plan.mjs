// @ts-check

/**
 * @typedef {object} ServerContext what a server is made from
 * @property {string} name
 * @property {import('../guard.mjs').Household} household
 * @property {string} dir its private directory
 * @property {Readonly<Record<string, number>>} ports its own under its name, others as `<name>.<use>`
 * @property {import('../install.mjs').Programs} programs
 * @property {import('../secrets.mjs').Secrets} secrets
 * @property {Memory} memory
 *
 * @typedef {object} Memory in MiB
 * @property {number} bufferPool of each database
 * @property {number} kafkaHeap
 * @property {number} elasticsearchHeap
 *
 * @typedef {object} ServerPlan
 * @property {() => Promise<void>} prepare makes its directories and, the first time, its data; may be repeated
 * @property {string} command
 * @property {string[]} args
 * @property {() => Promise<boolean>} ready
 * @property {string} address what its environment variable holds
 */

/** Loopback only: nothing of the launcher is to be seen from outside. */
export const HOST = '127.0.0.1';
