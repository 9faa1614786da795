/** Checks of command line values; both throw with the option, the value and what it takes. */

export function oneOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  const value = values.find((one) => one === text);
  if (value !== undefined) return value;
  throw new Error(`--${name} takes ${values.join(' or ')}, not "${text}"`);
}

export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} takes a whole number from ${least}, not "${text}"`);
}
