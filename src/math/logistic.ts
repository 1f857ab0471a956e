/** log(1 + e^η), for any η: the cumulant of one trial. */
export function softplus(eta: number): number {
  return Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));
}

/** e^η/(1 + e^η), for any η: the probability of a success of such log-odds. */
export function probability(eta: number): number {
  return eta < 0 ? Math.exp(eta) / (1 + Math.exp(eta)) : 1 / (1 + Math.exp(-eta));
}
