import type { Socket } from 'node:net';
import { problemDocument, type ProblemCode, PROBLEMS } from '@tradewind/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemFilter } from './problem.filter.ts';

/**
 * What is refused before there is a request for the filter to see: bytes that are no HTTP, headers that are too long, a path that can't
 * be decoded. These get a problem document too, so that a client has one shape to read.
 */
export function refusedByHttp(filter: ProblemFilter) {
  return {
    clientErrorHandler: answerRaw,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  };
}

function answerRaw(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code: ProblemCode = 'bad-request';
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : PROBLEMS[code].status;
  const detail = status === 431 ? 'the headers are too long' : 'this is not HTTP/1.1';
  const body = JSON.stringify({
    ...problemDocument(code, { detail, errors: [{ field: 'headers', message: detail }] }),
    status,
  });
  const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nconnection: close\r\n\r\n${body}`);
}
