/**
 * Orders relative paths folder by folder, numbers by their value: `2_b.sql` before `10_a.sql`. Everything else is
 * compared by its UTF-16 code units, so that the order is the same in every locale.
 */
export function naturalOrder(left: string, right: string): number {
  const [ours, theirs] = [left, right].map((path) => path.split('/').map(partsOf));
  return compareLists(ours ?? [], theirs ?? [], (a, b) => compareLists(a, b, compareParts)) || compareText(left, right);
}

/** Digits and what is between them, in turn. */
function partsOf(segment: string): readonly string[] {
  return segment.match(/[0-9]+|[^0-9]+/g) ?? [];
}

function compareParts(left: string, right: string): number {
  const areNumbers = /^[0-9]/.test(left) && /^[0-9]/.test(right);
  // A timestamp of any length: longer than what a number can hold.
  return areNumbers
    ? Number(BigInt(left) > BigInt(right)) - Number(BigInt(left) < BigInt(right))
    : compareText(left, right);
}

function compareText(left: string, right: string): number {
  return Number(left > right) - Number(left < right);
}

/** By the first place in which they differ; a list that is the beginning of another comes first. */
function compareLists<T>(left: readonly T[], right: readonly T[], compare: (left: T, right: T) => number): number {
  for (const [index, item] of left.entries()) {
    const other = right[index];
    if (other === undefined) {
      return 1;
    }
    const difference = compare(item, other);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}
