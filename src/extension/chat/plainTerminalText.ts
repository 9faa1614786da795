/** Terminal output without colours, cursor movements and titles. */
export function plainTerminalText(output: string): string {
  return (
    output

      .replaceAll(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')

      .replaceAll(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b[@-Z\\-_=>]/g, '')
      .replaceAll('\r\n', '\n')
      // What a carriage return has overwritten is gone.
      .replaceAll(/[^\n]*\r(?=[^\n])/g, '')
      .trim()
  );
}
