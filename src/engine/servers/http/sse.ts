/** Server-sent events: the values of their `data:` lines. */
import { ServerError } from '../serverError.ts';
import { errorSentence } from './errorBody.ts';

/** An answer without a line end is not read for ever. */
const longestLine = 4 * 1024 * 1024;

export const done = Symbol('done');

/** JSON values in the order of their lines; {@link done} for `[DONE]`. Throws a `ServerError` for what is neither. */
export async function* events(chunks: AsyncIterable<string>, host: string): AsyncGenerator {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw malformed(rest, host);
    for (const line of lines) yield* valueOf(line, host);
  }
  yield* valueOf(rest, host);
}

function* valueOf(line: string, host: string): Generator {
  const [, field, data = ''] = /^(data|error): ?(.*?)\r?$/.exec(line) ?? [];
  if (field === undefined || data === '') return;
  if (data === '[DONE]') {
    yield done;
    return;
  }
  const value = parse(data, host);
  if (field === 'error' || isError(value))
    throw new ServerError(
      'away',
      `${host} failed within its answer: ${errorSentence(data, undefined)}.`,
    );
  yield value;
}

function parse(data: string, host: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    throw malformed(data, host);
  }
}

function isError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value && Boolean(value.error);
}

function malformed(data: string, host: string): ServerError {
  const shown = JSON.stringify(data.slice(0, 40));
  return new ServerError('broken', `${host} sent what is not JSON within its answer: ${shown}.`);
}
