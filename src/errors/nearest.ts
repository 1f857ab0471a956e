/** The few of `names` that look most like `name`, likest first: what a misspelt name may have meant. */
export function nearest(name: string, names: readonly string[], count: number = 3): readonly string[] {
  const distance = new Map(names.map((known) => [known, editDistance(fold(name), fold(known))]));
  return [...distance.keys()].sort((a, b) => distance.get(a)! - distance.get(b)!).slice(0, count);
}

// Case, blanks and the usual word separators are what people mistype most.
function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, "");
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
