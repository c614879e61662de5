/**
 * The one of `names` that `given` was probably meant to be: the same but for case and punctuation, or within one or two
 * slips of the keyboard. Undefined where none is near.
 */
export function nearName(given: string, names: readonly string[]): string | undefined {
  const wanted = plain(given);
  if (wanted === '' || wanted.length > 40) return undefined;
  let nearest: { readonly name: string; readonly slips: number } | undefined;
  for (const name of names) {
    const tolerated = name.length > 5 ? 2 : 1;
    const known = plain(name);
    if (Math.abs(known.length - wanted.length) > tolerated) continue;
    const slips = slipsBetween(wanted, known);
    if (slips <= tolerated && slips < (nearest?.slips ?? Number.POSITIVE_INFINITY)) nearest = { name, slips };
  }
  return nearest?.name;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** How many letters were left out, added, mistaken or swapped with their neighbour. */
function slipsBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) slips = Math.min(slips, (before[j - 2] ?? 0) + 1);
      row.push(slips);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
