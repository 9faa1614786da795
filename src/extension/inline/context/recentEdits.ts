import { structuredPatch } from 'diff';
import type { Snippet } from '../../../protocol/requests.ts';

/** A change of some lines, as in a diff. */
interface Edit {
  readonly path: string;
  /** 0-based, in the text as it is now. */
  readonly firstLine: number;
  readonly lineCount: number;
  readonly text: string;
  /** Counts up; the newest is the greatest. */
  readonly time: number;
}

interface Edited {
  /** The text that edits are told against. */
  readonly before: string;
  readonly edits: readonly Edit[];
}

export interface Place {
  readonly path: string;
  readonly line: number;
}

export const editLimits = {
  documents: 20,
  /** Longer documents are not compared, in characters. */
  documentChars: 200_000,
  /** Lines added and removed, until a document counts as rewritten. */
  changedLines: 100,
  editsPerDocument: 8,
  linesPerEdit: 16,
  /** Edits as near to the cursor as that stand in the prompt anyway, in lines. */
  nearLines: 20,
} as const;

/** What was changed lately in the documents of this window. Nothing here is called while a person types. */
export class RecentEdits {
  /** By path, least recently edited first. */
  readonly #documents = new Map<string, Edited>();
  #time = 0;

  /** A document is looked at: later changes are told against this text. */
  opened(path: string, text: string): void {
    if (this.#documents.has(path) || text.length > editLimits.documentChars) return;
    this.#keep(path, { before: text, edits: [] });
  }

  /** Typing in a document has come to rest. */
  settled(path: string, text: string): void {
    const document = this.#documents.get(path);
    if (document === undefined) return this.opened(path, text);
    const edits = this.#editsBetween(path, document, text);
    this.#keep(path, edits ? { ...document, edits } : { before: text, edits: [] });
  }

  /** Newest first; those at a place are left out. */
  all(except: Place): readonly Snippet[] {
    return [...this.#documents.values()]
      .flatMap(({ edits }) => edits)
      .filter((edit) => !isNear(edit, except))
      .sort((a, b) => b.time - a.time)
      .slice(0, editLimits.editsPerDocument)
      .map(({ path, text }) => ({ path, text }));
  }

  /** Undefined when so much was changed that the edits say nothing. */
  #editsBetween(path: string, { before, edits }: Edited, text: string): Edit[] | undefined {
    const patch = structuredPatch('', '', before, text, '', '', {
      context: 1,
      maxEditLength: editLimits.changedLines,
    });
    if (!patch || patch.hunks.length > editLimits.editsPerDocument) return undefined;
    const time = ++this.#time;
    return patch.hunks.map(({ newStart, newLines, lines }) => {
      const kept = lines.slice(0, editLimits.linesPerEdit).join('\n');
      // An edit that was there before keeps its time.
      const known = edits.find((edit) => edit.text === kept);
      return {
        path,
        firstLine: Math.max(newStart - 1, 0),
        lineCount: newLines,
        text: kept,
        time: known?.time ?? time,
      };
    });
  }

  #keep(path: string, document: Edited): void {
    this.#documents.delete(path);
    this.#documents.set(path, document);
    if (this.#documents.size <= editLimits.documents) return;
    const [oldest] = this.#documents.keys();
    if (oldest !== undefined) this.#documents.delete(oldest);
  }
}

function isNear({ path, firstLine, lineCount }: Edit, place: Place): boolean {
  const { nearLines } = editLimits;
  const isAbove = place.line < firstLine - nearLines;
  return path === place.path && !isAbove && place.line <= firstLine + lineCount + nearLines;
}
