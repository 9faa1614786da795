/** One request to llama-server and the events of its streamed answer (`data: {…}` lines). */
import { request, type IncomingMessage } from 'node:http';

export interface ServerEvent {
  readonly content: string;
  /** With the last event. */
  readonly timings?: { readonly prompt_n: number; readonly predicted_n: number };
}

/** Throws when the server answers with an error, or the signal aborts. */
export async function* postForEvents(
  url: string,
  signal: AbortSignal,
  body: unknown,
): AsyncGenerator<ServerEvent> {
  const response = await post(url, signal, JSON.stringify(body));
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (response.statusCode !== 200) continue;
    for (const line of lines)
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length)) as ServerEvent;
  }
  if (response.statusCode !== 200)
    throw new Error(`llama-server answered ${response.statusCode}: ${rest}`);
}

function post(url: string, signal: AbortSignal, body: string): Promise<IncomingMessage> {
  const headers = { 'content-type': 'application/json', connection: 'close' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent: false, headers, signal }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}
