import type { Predictor } from "./predictor.ts";

/** The experts, from 0, in groups that share parameters, with each other or by way of others. */
export function sharingGroups(experts: readonly (readonly Predictor[])[]): readonly (readonly number[])[] {
  let groups: { readonly members: readonly number[]; readonly places: ReadonlySet<number> }[] = [];
  experts.forEach((predictors, z) => {
    const own = predictors.flatMap(({ at }) => at);
    const sharing = groups.filter(({ places }) => own.some((place) => places.has(place)));
    const joined = {
      members: [...sharing.flatMap(({ members }) => members), z].sort((a, b) => a - b),
      places: new Set([...sharing.flatMap(({ places }) => [...places]), ...own]),
    };
    groups = [...groups.filter((group) => !sharing.includes(group)), joined];
  });
  return groups.map(({ members }) => members).sort((a, b) => a[0] - b[0]);
}

/** Positions in θ of the parameters of some predictors, ascending (q), and the predictors with positions among those. */
export function placesOf(experts: readonly (readonly Predictor[])[]): {
  readonly places: readonly number[];
  readonly local: readonly (readonly Predictor[])[];
} {
  const places = [...new Set(experts.flat().flatMap(({ at }) => at))].sort((a, b) => a - b);
  const order = new Map(places.map((place, j) => [place, j]));
  const local = experts.map((predictors) =>
    predictors.map((predictor) => ({ ...predictor, at: predictor.at.map((place) => order.get(place) as number) })),
  );
  return { places, local };
}
