/** How tools are put to a model and how its calls are read back: as tagged JSON, which the templates that know tools use. Pure. */

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  readonly inputSchema?: unknown;
}

export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

const open = '<tool_call>';
const close = '</tool_call>';

/** What stands before the conversation when there are tools. */
export function toolsText(tools: readonly ToolDescription[]): string {
  const signatures = tools.map(({ name, description, inputSchema }) =>
    JSON.stringify({ type: 'function', function: { name, description, parameters: inputSchema } }),
  );
  return [
    'You may call functions. Their signatures are:',
    `<tools>\n${signatures.join('\n')}\n</tools>`,
    `For each call answer with a JSON object inside ${open} tags:`,
    `${open}\n{"name": "function name", "arguments": {}}\n${close}`,
  ].join('\n');
}

export function toolCallText({ name, input }: ToolCall): string {
  return `${open}\n${JSON.stringify({ name, arguments: input })}\n${close}`;
}

export function toolResultText(text: string): string {
  return `<tool_response>\n${text}\n</tool_response>`;
}

/** Splits text that streams into text and calls; a call is given when it is whole. */
export class ToolCallReader {
  readonly #onText: (text: string) => void;
  readonly #onCall: (call: ToolCall) => void;
  #pending = '';

  constructor(onText: (text: string) => void, onCall: (call: ToolCall) => void) {
    this.#onText = onText;
    this.#onCall = onCall;
  }

  add(text: string): void {
    this.#pending += text;
    for (;;) {
      const start = this.#pending.indexOf(open);
      if (start < 0) return this.#pass(this.#pending.length - heldBack(this.#pending));
      const end = this.#pending.indexOf(close, start);
      this.#pass(start);
      if (end < 0) return;
      const whole = this.#pending.slice(0, end - start + close.length);
      this.#pending = this.#pending.slice(whole.length);
      const call = parseCall(whole.slice(open.length, -close.length));
      if (call) this.#onCall(call);
      else this.#onText(whole);
    }
  }

  /** Nothing more comes: what looked like the beginning of a call was text. */
  finish(): void {
    this.#pass(this.#pending.length);
  }

  #pass(length: number): void {
    if (length <= 0) return;
    this.#onText(this.#pending.slice(0, length));
    this.#pending = this.#pending.slice(length);
  }
}

function heldBack(text: string): number {
  for (let length = Math.min(open.length - 1, text.length); length > 0; length--)
    if (open.startsWith(text.slice(-length))) return length;
  return 0;
}

function parseCall(json: string): ToolCall | undefined {
  try {
    const value = JSON.parse(json) as { readonly name?: unknown; readonly arguments?: unknown };
    if (typeof value.name !== 'string') return undefined;
    const input =
      typeof value.arguments === 'object' && value.arguments !== null ? value.arguments : {};
    return { name: value.name, input: input as Record<string, unknown> };
  } catch {
    return undefined;
  }
}
