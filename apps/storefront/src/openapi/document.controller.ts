import { Controller, Get, Redirect, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { openApiDocument } from './document.ts';
import { docsPage } from './docs-page.ts';

/** Nothing is fetched and no script runs: the page is all there is. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/** The description of the public REST, for machines and for people. Made once; it can't change while the process runs. */
@Controller()
export class DocumentController {
  readonly #json: string;
  readonly #page: string;

  constructor() {
    const document = openApiDocument();
    this.#json = JSON.stringify(document);
    this.#page = docsPage(document);
  }

  @Get('/openapi.json')
  async document(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('application/json').header('access-control-allow-origin', '*').send(this.#json);
  }

  @Get('/docs')
  async page(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(this.#page);
  }

  @Get('/')
  @Redirect('/docs', 302)
  home(): void {}
}
