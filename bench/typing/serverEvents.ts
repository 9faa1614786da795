/** The events of a streamed answer of llama-server (`data: {…}` lines). */

export interface ServerEvent {
  readonly content: string;
  /** With the last event. */
  readonly timings?: { readonly prompt_n: number; readonly predicted_n: number };
}

export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length)) as ServerEvent;
  }
}
