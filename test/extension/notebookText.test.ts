import { describe, expect, it } from 'vitest';
import { cursorAfter } from '../../src/extension/inline/cursorAfter.ts';
import { notebookText, type NotebookCellText } from '../../src/extension/inline/notebookText.ts';
import { takeWindow } from '../../src/extension/inline/textWindow.ts';

const code = (text: string, languageId = 'python'): NotebookCellText => ({
  isCode: true,
  languageId,
  text,
});
const prose = (text: string): NotebookCellText => ({ ...code(text, 'markdown'), isCode: false });

describe('notebookText', () => {
  const cells = [
    prose('# Load\r\nthe data'),
    code('import pandas as pd\n'),
    code('ls', 'shellscript'),
    code('df = pd.\nprint(df)'),
    code('df.plot()'),
  ];

  it('is one program around the cursor', () => {
    const { source, firstLine } = notebookText(cells, 3);
    const cursor = { line: firstLine, character: 8 };
    expect(takeWindow(source, cursor, cursor)).toEqual({
      prefix: '# # Load\n# the data\n\nimport pandas as pd\n\ndf = pd.',
      firstLine: 0,
      suffix: '\nprint(df)\n\ndf.plot()',
    });
  });

  it('is only that cell where it is the only one of its language', () => {
    const { source, firstLine } = notebookText([code('x'), code('ls ', 'shellscript')], 1);
    expect(firstLine).toBe(0);
    const end = { line: 0, character: 3 };
    expect(takeWindow(source, end, end)).toMatchObject({ prefix: 'ls ', suffix: '' });
  });

  it('begins at the same place while a person types in the cell', () => {
    const many = Array.from({ length: 40 }, (_, index) => code(`x${index} = 1\n`.repeat(200)));
    const place = (text: string) => notebookText([...many, code(text)], 40);
    expect(place('y\n\n\n').firstLine).toBe(place('').firstLine);
    expect(place('').firstLine).toBeGreaterThan(1000);
  });
});

describe('cursorAfter', () => {
  const start = { line: 3, character: 4 };
  it.each([
    ['a', { line: 3, character: 5 }],
    ['()', { line: 3, character: 5 }],
    ['', { line: 3, character: 4 }],
    ['\r\n  ', { line: 4, character: 2 }],
    ['foo()', { line: 3, character: 9 }],
  ])('%j', (text, expected) => {
    expect(cursorAfter({ start, text })).toEqual(expected);
  });
});
