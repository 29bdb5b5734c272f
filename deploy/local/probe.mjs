// @ts-check
/**
 * Is the server there? Each probe asks what a client would first ask and believes only the true answer; a port that
 * merely accepts a connection is not ready.
 */
import http from 'node:http';
import net from 'node:net';

/** One probe may take this long, in milliseconds; it is repeated until the deadline of the child. */
const PROBE_MS = 2000;
/** First byte of the greeting of MySQL and MariaDB: the version of the protocol. An error packet has 255 there. */
const MYSQL_PROTOCOL = 10;

/**
 * @param {string} url
 * @param {(body: string) => boolean} [believed]
 * @returns {Promise<boolean>} it answered 200 with a body that is believed
 */
export function httpAnswers(url, believed = () => true) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: PROBE_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      response.once('end', () => resolve(response.statusCode === 200 && believed(body)));
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', reject);
  });
}

/**
 * Sends bytes and collects the answer until it is judged.
 *
 * @param {number} port on 127.0.0.1
 * @param {Buffer | undefined} question
 * @param {(answer: Buffer) => boolean | undefined} judge undefined: more bytes are needed
 * @returns {Promise<boolean>}
 */
function tcpAnswers(port, question, judge) {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    const socket = net.connect({ port, host: '127.0.0.1', timeout: PROBE_MS });
    /** @param {boolean} verdict */
    const end = (verdict) => {
      socket.destroy();
      resolve(verdict);
    };
    socket.once('connect', () => question && socket.write(question));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      const verdict = judge(answer);
      if (verdict !== undefined) end(verdict);
    });
    socket.once('timeout', () => end(false));
    socket.once('end', () => end(false));
    socket.once('error', reject);
  });
}

/** @param {number} port @returns {Promise<boolean>} MySQL and MariaDB greet once the init file has been run */
export function mysqlGreets(port) {
  return tcpAnswers(port, undefined, (answer) => (answer.length < 5 ? undefined : answer[4] === MYSQL_PROTOCOL));
}

/** @param {number} port @returns {Promise<boolean>} Redis answers -LOADING until its data are in memory */
export function redisPongs(port) {
  return tcpAnswers(port, Buffer.from('PING\r\n'), (answer) =>
    answer.includes('\r\n') ? answer.toString().startsWith('+PONG') : undefined,
  );
}

/**
 * Asks Kafka for its metadata (version 4 of the request, which needs no tagged fields): a broker that is still
 * fenced is not in its own list.
 *
 * @param {number} port
 * @returns {Promise<boolean>} the cluster lists at least one broker
 */
export function kafkaListsBroker(port) {
  return tcpAnswers(port, kafkaMetadataRequest(), (answer) => {
    if (answer.length < 4 || answer.length < 4 + answer.readInt32BE(0)) return undefined;
    const brokerCountAt = 4 + 4 + 4; // after the length, the correlation id, the throttle time
    return answer.readInt32BE(brokerCountAt) > 0;
  });
}

/** @returns {Buffer} Metadata v4 for no topic */
function kafkaMetadataRequest() {
  const client = 'probe';
  const body = Buffer.alloc(2 + 2 + 4 + 2 + client.length + 4 + 1);
  let at = body.writeInt16BE(3, 0); // api key: Metadata
  at = body.writeInt16BE(4, at); // version
  at = body.writeInt32BE(1, at); // correlation id
  at = body.writeInt16BE(client.length, at);
  at += body.write(client, at);
  at = body.writeInt32BE(0, at); // no topics
  body.writeInt8(0, at); // create none
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>} something accepts connections there
 */
export function accepts(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: PROBE_MS });
    /** @param {boolean} verdict */
    const end = (verdict) => {
      socket.destroy();
      resolve(verdict);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
