/**
 * The assignment of least total cost: one row to each column.
 *
 * @param cost finite costs of giving row i to column j, k × k row-major
 * @returns for each column its row
 * @remarks the Hungarian method by shortest augmenting paths, k³ operations. Kuhn 1955; Jonker and Volgenant 1987.
 */
export function assignment(cost: Float64Array, k: number): Int32Array {
  // Column k is where the search starts: it holds the row that is to be placed.
  const rowOf = new Int32Array(k + 1).fill(-1);
  const rowPrice = new Float64Array(k);
  const columnPrice = new Float64Array(k + 1);
  for (let row = 0; row < k; row++) {
    const slack = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(k);
    const visited = new Uint8Array(k + 1);
    rowOf[k] = row;
    let column = k;
    while (rowOf[column] >= 0) {
      visited[column] = 1;
      const here = rowOf[column];
      let nearest = -1;
      for (let j = 0; j < k; j++) {
        if (visited[j]) continue;
        const reduced = cost[here * k + j] - rowPrice[here] - columnPrice[j];
        if (reduced < slack[j]) [slack[j], before[j]] = [reduced, column];
        if (nearest < 0 || slack[j] < slack[nearest]) nearest = j;
      }
      const step = slack[nearest];
      for (let j = 0; j <= k; j++) {
        if (visited[j]) {
          rowPrice[rowOf[j]] += step;
          columnPrice[j] -= step;
        } else slack[j] -= step;
      }
      column = nearest;
    }
    for (; column !== k; column = before[column]) rowOf[column] = rowOf[before[column]];
  }
  return rowOf.subarray(0, k);
}
