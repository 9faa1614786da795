/** How rows that say the same of several sizes grow: one row for each such series. */
import { growthPerDoubling } from '../../lib/growth.ts';
import type { ResultRow } from '../../lib/result.ts';
import { measuredRow } from '../row.ts';

/** A size in a row's name, and what it is a number of. */
const size = /(\d[\d,]*)( (?:own )?(?:tokens|windows|files)\b)/;
/** What may depend on the size, and is a number at all. */
const grownUnits = new Set(['ms', 'MiB']);

/** In the name of every row that says how something grows. */
export const factorWords = 'factor for twice';

/** For series of three sizes at least; two say little: any noise is a slope. None where a part has its own. */
export function slopeRows(rows: readonly ResultRow[]): ResultRow[] {
  if (rows.some(({ name }) => name.includes(factorWords))) return [];
  return [...seriesOf(rows)].flatMap(([series, points]) => {
    const factor = growthPerDoubling(points);
    const isKnown = points.length >= 3 && Number.isFinite(factor);
    const name = `${series}: ${factorWords} as many`;
    return isKnown ? [measuredRow({ name, unit: '×', ours: [factor] })] : [];
  });
}

function seriesOf(rows: readonly ResultRow[]) {
  const series = new Map<string, { readonly at: number; readonly cost: number }[]>();
  for (const { name, unit, ours } of rows) {
    const [, digits] = size.exec(name) ?? [];
    if (digits === undefined || !grownUnits.has(unit)) continue;
    const key = name.replace(size, '…$2');
    const points = series.get(key) ?? [];
    points.push({ at: Number(digits.replaceAll(',', '')), cost: ours });
    series.set(key, points);
  }
  return series;
}
