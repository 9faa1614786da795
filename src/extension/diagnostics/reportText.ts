/** What a report begins with: questions for the person who writes it. */
export function reportText(): string {
  return `# Problem report for Warmfork

## What happened

<!-- What did you do, what did you expect, what came instead? -->

## How it can be seen again

<!-- Steps, as few as possible. -->

`;
}
