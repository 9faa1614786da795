/** Makes the compiler check that a union was handled completely; throws if a value slips through. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
