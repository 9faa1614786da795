/** The filters in order. What an earlier one takes away a later one does not have to understand. */
import type { FilterName } from '../../protocol/requests.ts';
import { brackets } from './brackets.ts';
import type { Filter, Place } from './filter.ts';
import { indentation } from './indentation.ts';
import { repeatsNextLines } from './repeatsNextLines.ts';
import { repetition } from './repetition.ts';
import { secrets } from './secrets.ts';
import { specialTokens } from './specialTokens.ts';
import { suffixOverlap } from './suffixOverlap.ts';
import { whitespaceOnly } from './whitespaceOnly.ts';

export const filters: readonly Filter[] = [
  specialTokens,
  whitespaceOnly,
  repetition,
  repeatsNextLines,
  suffixOverlap,
  brackets,
  indentation,
  secrets,
];

export interface Filtered {
  readonly text: string;
  /** Filters that took something away. */
  readonly changedBy: readonly FilterName[];
  /** The one that left nothing. */
  readonly dropped?: FilterName;
}

export function applyFilters(text: string, place: Place): Filtered {
  const changedBy: FilterName[] = [];
  let current = text;
  for (const { name, apply } of filters) {
    const next = apply(current, place);
    if (next === current) continue;
    changedBy.push(name);
    if (next.trim() === '') return { text: '', changedBy, dropped: name };
    current = next;
  }
  return { text: current.trimEnd(), changedBy };
}
