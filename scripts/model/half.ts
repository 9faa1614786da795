const scratch = new DataView(new ArrayBuffer(4));

/** The bits of the half-precision float nearest to a number, ties to even. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  if (exponent <= 0) return sign | roundShift(mantissa | 0x800000, 14 - exponent);
  return sign | roundShift((exponent << 23) | mantissa, 13);
}

/** `value` shifted right, rounded to nearest, ties to even. */
function roundShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const quotient = value >>> shift;
  const rest = value - (quotient << shift);
  return rest > half || (rest === half && quotient % 2 === 1) ? quotient + 1 : quotient;
}
