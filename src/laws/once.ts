/** A function that is found once for all arguments in a row that are the same, as scales of one expert's rows are. */
export function once<Value>(find: (at: number) => Value): (at: number) => Value {
  let known = Number.NaN;
  let found: Value | undefined;
  return (at) => {
    if (at !== known || found === undefined) {
      known = at;
      found = find(at);
    }
    return found;
  };
}
