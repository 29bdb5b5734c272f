import { type FieldError, Refusal } from '@tradewind/errors';
import { Body, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

/** Field errors that one answer names at most. */
const ERRORS_MOST = 20;

/** Parses hostile input. @throws Refusal `validation` that names each wrong field by its dotted path */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap(fieldErrors).slice(0, ERRORS_MOST);
  const [first] = errors;
  throw new Refusal('validation', { detail: first ? `${first.field}: ${first.message}` : 'invalid', errors });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...at, key].join('.'), message: 'is not a known field' }));
  }
  return [{ field: at.join('.') || 'body', message: issue.message }];
}

class SchemaPipe implements PipeTransform {
  readonly #schema: z.ZodType;

  constructor(schema: z.ZodType) {
    this.#schema = schema;
  }

  transform(value: unknown): unknown {
    return parseInput(this.#schema, value);
  }
}

/** The body, parsed; a request without one is judged as it stands. */
export function ValidBody(schema: z.ZodType): ParameterDecorator {
  return Body(new SchemaPipe(schema));
}
