/** Prints what a script is doing and how long it took. */

export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Runs `work` between a line that names it and a line with its time. Failures pass through after a line of their own. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  console.log(`→ ${name}`);
  const start = Date.now();
  try {
    const result = await work();
    console.log(`✓ ${name}  ${formatSeconds(Date.now() - start)}`);
    return result;
  } catch (error) {
    console.log(`✗ ${name}  ${formatSeconds(Date.now() - start)}`);
    throw error;
  }
}

export function skipStep(name: string, reason: string): void {
  console.log(`✓ ${name}  ${reason}`);
}
