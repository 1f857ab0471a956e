/** To whom rows belong. */
export interface Assignment {
  /** Responsibilities, n × k row-major; of a posterior they are r_iz = P(z | x_i, y_i; θ), and each row sums to one. */
  readonly responsibilities: Float64Array;
}
