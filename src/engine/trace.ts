import { appendFileSync } from 'node:fs';
import process from 'node:process';

/** What tests and bug reports read: one JSON line per event in the file that WARMFORK_TRACE names. */
export type TraceEvent =
  | { readonly event: 'engine'; readonly state: string }
  | { readonly event: 'model'; readonly action: 'loaded' | 'closed' }
  | {
      readonly event: 'base';
      readonly source: 'restored' | 'evaluated';
      readonly tokens: number;
      readonly evaluated: number;
      readonly ms: number;
    }
  | {
      readonly event: 'image';
      readonly action: 'opened' | 'written';
      readonly tokens: number;
      readonly ms: number;
    }
  | {
      readonly event: 'image';
      readonly action: 'refused' | 'off';
      readonly reason: string;
    }
  | {
      readonly event: 'swap';
      readonly tokens: number;
      /** Overlays that stayed attached. */
      readonly carried: number;
      /** How long nobody could be served. */
      readonly ms: number;
    }
  | { readonly event: 'rebuild'; readonly why: string }
  | {
      readonly event: 'completion';
      readonly uri: string;
      readonly promptTokens: number;
      readonly evaluated: number;
      readonly reused: number;
      readonly generated: number;
      readonly firstTokenMs: number;
      readonly sessionRestored: boolean;
      readonly text: string;
      readonly trigger: 'automatic' | 'invoke' | 'prefetch';
      /** The filter or rule that left nothing. */
      readonly dropped?: string;
    }
  | {
      readonly event: 'session';
      readonly kind: 'file' | 'chat';
      readonly action: 'saved' | 'restored' | 'missed';
      readonly id: string;
      readonly tokens: number;
      readonly bytes: number;
    }
  | {
      readonly event: 'chat';
      readonly chatId: string;
      readonly promptTokens: number;
      readonly evaluated: number;
      readonly reused: number;
      readonly generated: number;
      readonly stopReason: string;
      readonly firstTokenMs: number;
      readonly sessionRestored: boolean;
      /** Messages left out at the beginning. */
      readonly dropped: number;
    }
  | {
      readonly event: 'served';
      readonly role: 'completion' | 'chat';
      readonly promptTokens: number;
      readonly evaluated: number;
      readonly reused: number;
      readonly uri?: string;
      readonly text?: string;
      readonly trigger?: 'automatic' | 'invoke' | 'prefetch';
    }
  | {
      readonly event: 'serverBase';
      /** Tokens that came back from the server's file. */
      readonly restored: number;
      readonly promptTokens: number;
      readonly evaluated: number;
    };

const file = process.env['WARMFORK_TRACE'];

/** Does nothing unless the trace was asked for: events hold completion text, which must not be kept otherwise. */
export function trace(event: TraceEvent): void {
  if (file === undefined || file === '') return;
  appendFileSync(file, JSON.stringify({ pid: process.pid, at: Date.now(), ...event }) + '\n');
}
