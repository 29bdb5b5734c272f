import { PROBLEMS } from '@tradewind/errors';
import type { OpenApi, Operation, Parameter } from './document.ts';
import { refName } from './components.ts';
import { STYLE } from './docs-style.ts';
import { exampleOf } from './example.ts';
import { Html, html, inline, prose } from './html.ts';
import { NEXT_STEPS } from './prose.ts';
import { limitsView, schemaView, typeView } from './schema-view.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The document as a page for people: one file, no script, nothing fetched. */
export function docsPage(document: OpenApi): string {
  const calls = callsOf(document);
  const groups = document.tags.map(({ name, description }) => ({
    name,
    description,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
  }));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tradewind: the public REST</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <nav aria-label="Contents">
          <a class="brand" href="#top">${LOGO}Tradewind</a>
          <a href="#start">Getting started</a>
          ${groups.map((group) => navGroup(group.name, group.calls))}
          <h2>Reference</h2>
          <a href="#schemas">Schemas</a>
          <a href="#problems">Problems</a>
          <a href="/openapi.json">openapi.json</a>
        </nav>
        <main id="top">
          <header>
            <h1>Tradewind</h1>
            <p class="lead">
              ${String(document.info['summary'])}. OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>
            </p>
            ${prose(String(document.info['description']))}
          </header>
          ${gettingStarted()}
          ${groups.map(
            (group) =>
              html`<section>
                <h2 id="group-${group.name}">${group.name}</h2>
                <p>${group.description}</p>
                ${group.calls.map((call) => callView(call, document))}
              </section>`,
          )}
          ${schemasView(document)} ${problemsView()}
        </main>
      </body>
    </html> `.text;
}

function callsOf(document: OpenApi): Call[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function navGroup(name: string, calls: readonly Call[]): Html {
  return html`<h2>${name}</h2>
    ${calls.map(
      ({ method, operation }) =>
        html`<a href="#${operation.operationId}"><b class="method ${method}">${method}</b>${operation.summary}</a>`,
    )}`;
}

function gettingStarted(): Html {
  const lines = [
    `curl -s localhost:8080/v1/users -H 'content-type: application/json' \\`,
    `  -d '{"email":"ada@example.org","password":"correct horse battery","name":"Ada"}'`,
    `TOKEN=$(curl -s localhost:8080/v1/sessions -H 'content-type: application/json' \\`,
    `  -d '{"email":"ada@example.org","password":"correct horse battery"}' | jq -r .accessToken)`,
    `curl -s localhost:8080/v1/wallet/deposits -H "authorization: Bearer $TOKEN" \\`,
    `  -H 'content-type: application/json' -d '{"amount":{"amount":50000,"currency":"EUR"}}'`,
    `curl -s localhost:8080/v1/products`,
  ];
  return html`<section>
    <h2 id="start">Getting started</h2>
    <p>An account, a token, some money, and a look at what is on sale:</p>
    <pre>${lines.join('\n')}</pre>
    <p>Then <a href="#placeOrder">place an order</a> and <a href="#payOrder">pay it</a>.</p>
  </section>`;
}

function callView({ method, path, operation }: Call, document: OpenApi): Html {
  const { schemas } = document.components;
  const body = operation.requestBody?.content['application/json']?.schema;
  return html`<article id="${operation.operationId}">
    <h3>
      <b class="method ${method}">${method}</b><code class="path">${path}</code
      ><span class="who ${operation['x-who']}">${operation['x-who']}</span>
    </h3>
    <p>
      <strong>${operation.summary}.</strong> ${operation.description !== undefined && inline(operation.description)}
    </p>
    <div class="columns">
      <div>
        ${operation.parameters.length > 0 && parametersView(operation.parameters, document)}
        ${
          body !== undefined &&
          html`<h4>Body</h4>
            ${schemaView(body, schemas)}`
        }
        ${answersView(operation, document)}
      </div>
      <pre aria-label="Example">${curl({ method, path, operation }, document)}</pre>
    </div>
  </article>`;
}

function parametersView(parameters: readonly Parameter[], { components }: OpenApi): Html {
  const rows = parameters.map(
    (each) =>
      html`<tr>
        <th scope="row"><code>${each.name}</code>${!each.required && html` <small>optional</small>`}</th>
        <td>${each.in}, ${typeView(each.schema, components.schemas)}</td>
        <td>
          ${limitsView({ ...each.schema, ...(each.description && { description: each.description }) }, components.schemas)}
        </td>
      </tr>`,
  );
  return html`<h4>Parameters</h4>
    <table class="members">
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function answersView(operation: Operation, { components }: OpenApi): Html {
  const good = Object.entries(operation.responses).filter(([status]) => status < '400');
  const rows = good.map(([status, response]) => {
    const schema = response.content?.['application/json']?.schema;
    const headers = Object.keys(response.headers ?? {});
    return html`<tr>
      <th scope="row"><b class="status good">${status}</b></th>
      <td>${schema && typeView(schema, components.schemas)}</td>
      <td>
        ${response.description}${headers.length > 0 && html`; with ${headers.map((each, index) => html`${index > 0 && ', '}<code>${each}</code>`)}`}
      </td>
    </tr>`;
  });
  const problems = operation['x-problems'].map(
    (code) => html`<a class="problem" href="#problem-${code}"><b>${PROBLEMS[code].status}</b> ${code}</a> `,
  );
  return html`<h4>Answers</h4>
    <table class="members">
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="problems">${problems}</p>`;
}

/** A command that a reader can paste, once $TOKEN is set. */
function curl({ method, path, operation }: Call, { components }: OpenApi): string {
  const body = operation.requestBody?.content['application/json']?.schema;
  const example = path.replace(/\{(\w+)\}/g, (_, name: string) => `$${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`);
  const parts = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}localhost:8080${example}`,
    operation.security.length > 0 && `-H "authorization: Bearer $TOKEN"`,
    operation.parameters.some(({ name }) => name === 'Idempotency-Key') && `-H "idempotency-key: $(uuidgen)"`,
    body && operation.requestBody?.required && `-H 'content-type: application/json'`,
    body && operation.requestBody?.required && `-d '${JSON.stringify(exampleOf(body, components.schemas), null, 2)}'`,
  ];
  return parts.filter((each) => typeof each === 'string').join(' \\\n  ');
}

function schemasView({ components }: OpenApi): Html {
  const views = Object.entries(components.schemas).map(
    ([name, schema]) =>
      html`<article class="schema" id="schema-${name}">
        <h3>${name}</h3>
        ${refName(schema) === undefined && schema.description !== undefined && schema.properties && html`<p>${inline(schema.description)}</p>`}
        ${schema.properties ? schemaView(schema, components.schemas) : html`<p>${typeView(schema, components.schemas)}; ${limitsView(schema, components.schemas)}</p>`}
      </article>`,
  );
  return html`<section>
    <h2 id="schemas">Schemas</h2>
    ${views}
  </section>`;
}

function problemsView(): Html {
  const rows = Object.entries(PROBLEMS).map(
    ([code, { status, title, next }]) =>
      html`<tr id="problem-${code}">
        <th scope="row"><code>${code}</code></th>
        <td><b class="status ${status < 500 ? 'refused' : 'broken'}">${status}</b></td>
        <td>${title}</td>
        <td>${NEXT_STEPS[next]}</td>
      </tr>`,
  );
  return html`<section>
    <h2 id="problems">Problems</h2>
    <p>
      The <code>type</code> is <code>https://tradewind.example/problems/</code> and the code; the codes never change
      their meaning.
    </p>
    <table class="all-problems">
      <thead>
        <tr>
          <th scope="col">Code</th>
          <th scope="col">Status</th>
          <th scope="col">What it means</th>
          <th scope="col">What to do next</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`;
}

const LOGO = html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
  <path
    d="M11 2v14H3C6 12 9 8 11 2Z M13 6c4 2 7 6 8 10h-8Z M2 18h20c-1 3-4 4-6 4H8c-2 0-5-1-6-4Z"
    fill="currentColor"
  />
</svg>`;
