/** Splits an answer into what the model thought aloud and what it says. Shared with the panel. */

const defaultMarks = { open: '<think>', close: '</think>' };

export interface SplitAnswer {
  readonly thought: string;
  readonly text: string;
  /** It is still thinking. */
  readonly isThinking: boolean;
}

/** Thinking stands at the beginning; a template may have opened it already, so that only its end shows. */
export function splitThinking(
  answer: string,
  { open, close }: { readonly open: string; readonly close: string } = defaultMarks,
): SplitAnswer {
  const start = answer.trimStart();
  const isOpened = start.startsWith(open);
  const body = isOpened ? start.slice(open.length) : answer;
  const end = body.indexOf(close);
  if (end >= 0)
    return {
      thought: body.slice(0, end).trim(),
      text: body.slice(end + close.length).trimStart(),
      isThinking: false,
    };
  return isOpened
    ? { thought: body.trim(), text: '', isThinking: true }
    : { thought: '', text: answer, isThinking: false };
}
