/** Brings a chat's session into the context: from memory, from its file, or as a fork of the branch it goes on from. */
import { commonPrefixLength } from '../../cache/tokenPrefix.ts';
import type { ChatSessionParams } from '../../protocol/chat.ts';
import type { Base } from '../base/base.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Overlays } from '../overlay/overlays.ts';
import type { ChatTemplate } from '../prompt/chatPrompt.ts';
import type { Runtime } from '../runtime.ts';
import type { Priority } from '../inference/scheduler.ts';
import type { Sequence } from '../inference/sequences.ts';

export class ChatSession {
  readonly overlay: Overlay;
  readonly #runtime: Runtime;
  readonly #base: Base;
  readonly #overlays: Overlays;

  constructor(runtime: Runtime, base: Base, overlays: Overlays, overlay: Overlay) {
    this.overlay = overlay;
    this.#runtime = runtime;
    this.#base = base;
    this.#overlays = overlays;
  }

  /** Tokens above the base that are in the context now. */
  get known(): readonly number[] {
    return this.overlay.sequence?.tokens.slice(this.#base.sequence.tokens.length) ?? [];
  }

  /** True when it came back from its file. */
  async attach(
    params: ChatSessionParams,
    template: ChatTemplate,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { overlay } = this;
    if (params.isPrivate === true) overlay.isPrivate = true;
    const restored = await this.#overlays.attach(overlay, { priority: 'chat', signal });
    if (overlay.sequence === undefined && params.branchOf !== undefined)
      await this.#branch(params, params.branchOf, template, signal);
    return restored;
  }

  /** Metadata only: the branch shares the cells of the messages both begin with. */
  async #branch(
    params: ChatSessionParams,
    chatId: string,
    template: ChatTemplate,
    signal: AbortSignal,
  ): Promise<void> {
    const options = { priority: 'chat', signal } as const;
    await this.#overlays.use({ kind: 'chat', chatId }, async (parent) => {
      await this.#overlays.attach(parent, options);
      await this.#runtime.scheduler.turn(options, async () => {
        if (parent.sequence === undefined) return;
        const start = this.#base.sequence.tokens.length;
        const known = parent.sequence.tokens.slice(start);
        const shared = commonPrefixLength(known, template.tokens(params.messages, known));
        if (shared === 0) return;
        await this.#overlays.reserve(1);
        const fork = await this.#overlays.ready.fork(parent.sequence, start + shared);
        await this.#overlays.promote(this.overlay, fork, start + shared);
      });
    });
  }

  /** Makes the session hold exactly `tokens` above the base, evaluating what it lacks without sampling. */
  async extend(tokens: readonly number[], priority: Priority, signal: AbortSignal): Promise<void> {
    const { overlay } = this;
    const { scheduler, decoder } = this.#runtime;
    const start = this.#base.sequence.tokens.length;
    const shared = commonPrefixLength(this.known, tokens);
    if (shared === tokens.length) return;
    const sequence = await scheduler.turn({ priority, signal }, () => this.#cutTo(start + shared));
    try {
      await decoder.prefill(sequence, tokens.slice(shared), { priority, signal });
    } finally {
      overlay.stable = sequence.tokens.length;
      overlay.dirty = overlay.stable > start;
    }
  }

  async #cutTo(length: number): Promise<Sequence> {
    const { overlay } = this;
    this.#overlays.cut(overlay, length);
    if (overlay.sequence !== undefined) return overlay.sequence;
    await this.#overlays.reserve(1);
    const fork = await this.#overlays.ready.fork(this.#base.sequence, length);
    await this.#overlays.promote(overlay, fork, length);
    return fork;
  }
}
