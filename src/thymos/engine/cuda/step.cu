/* One Rodas5P step of one patient, its error and its dense output: what `step_code` says for vectors. */

/* Everything a thread carries. `done` marks the events that have happened; trigger `aim` is approached by steps of
   `aim_step`, trigger `land` is met at the end of this one; -1 is none. `missed`: this step was solved badly, `fell`:
   an amount fell below 0 in it, with the numbers of steps refused for that; `below`: how far, in tolerances. */
typedef struct {
    double time, step, taken, stop, e2, factor, aim_step, below, lowest;
    long long who, count;
    int cursor, aim, land, tries, status, missed, misses, fell, falls;
    double p[LENGTH(PARAMETERS + HOISTED)];
    double y[LENGTH(STATES)], next[LENGTH(STATES)], defect[LENGTH(STATES)];
    double stages[LENGTH(STAGES * STATES)], rows[LENGTH(3 * STATES)];
    double moments[LENGTH(EVENTS)];
    signed char done[LENGTH(EVENTS)];
} Patient;

/* What state i brings to stage s, from its sums over the earlier stages. */
SMALL_PART void begin_stage(int s, int i, double rest, double moved, double slope, Patient *x)
{
    x->stages[s * STATES + i] = rest + slope;
    if (s > 0)
        x->next[i] = s < STAGES - 2 ? x->y[i] + moved : x->next[i] + x->stages[(s - 1) * STATES + i];
}

/* The point at which stage s evaluates f, into `next`; all of its right side but f, where K_s will stand.
   A GPU waits for memory here, once for all states that are read together. */
SMALL_PART void prepare_stage(int s, double inverse, const double *time_slope, Patient *x)
{
    enum { TOGETHER = 24 };
    const double lead = x->taken * SLOPES[s];
    ROLLED
    for (int first = 0; first < STATES; first += TOGETHER) {
        double rest[TOGETHER] = {0.0}, moved[TOGETHER] = {0.0};
        ROLLED
        for (int j = 0; j < s; j++) {
            const double *k = x->stages + j * STATES + first;
            UNROLLED
            for (int u = 0; u < TOGETHER; u++)
                if (first + u < STATES) {
                    rest[u] += C[s][j] * k[u];
                    moved[u] += A[s][j] * k[u];
                }
        }
        UNROLLED
        for (int u = 0; u < TOGETHER; u++)
            if (first + u < STATES)
                begin_stage(s, first + u, inverse * rest[u], moved[u], lead * time_slope[first + u], x);
    }
}

/* From time, taken, y: the eight stages, the new state `next`, and the defect of the first linear solve. */
PART void try_step(Patient *x)
{
    double clock[LENGTH(CLOCK)], time_slope[LENGTH(STATES)], f[LENGTH(STATES)];
    double slopes[LENGTH(DISTINCT)], factor[LENGTH(SLOTS)];
    const double h = x->taken, inverse = 1.0 / h, diagonal = inverse * INVERSE_GAMMA;
    model_clock(x->time, x->p, clock);
    model_jacobian(x->time, x->y, x->p, clock, time_slope, slopes);
    model_factorise(diagonal, slopes, factor);
    ROLLED
    for (int s = 0; s < STAGES; s++) {
        const double at = x->time + TIMES[s] * h;
        double *k = x->stages + s * STATES;
        prepare_stage(s, inverse, time_slope, x);
        if (s > 0 && TIMES[s] != TIMES[s - 1])
            model_clock(at, x->p, clock);
        model_rhs(at, s > 0 ? x->next : x->y, x->p, clock, f);
        model_solve(factor, f, k);
        if (s == 0)
            model_defect(diagonal, h, slopes, time_slope, f, k, x->defect);
    }
    for (int i = 0; i < STATES; i++)
        x->next[i] += x->stages[(STAGES - 1) * STATES + i];
}

/* Row q of the interpolant at state i: a sum over the stages. */
SMALL_PART double dense_row(const Patient *x, int q, int i)
{
    double sum = 0.0;
    for (int j = 0; j < STAGES; j++)
        sum += DENSE[q][j] * x->stages[j * STATES + i];
    return sum;
}

/* Let something worse than a tolerance stand in for the error; true where it does. */
SMALL_PART int stands_in(Patient *x, double worst)
{
    if (worst <= 1.0) /* not "above 1": a NaN has to count */
        return 0;
    x->e2 = larger(x->e2, worst);
    return 1;
}

/* Mean square of the error in units of tolerance, and the factor for the next step, 0.2 to 6. */
PART void judge(Patient *x, double rtol, double atol)
{
    double end = 0.0, inside = 0.0, worst = 0.0, fall = 0.0;
    x->below = 0.0;
    BY_FOUR
    for (int i = 0; i < STATES; i++) {
        const double unit = 1.0 / (atol + rtol * larger(fabs(x->y[i]), fabs(x->next[i])));
        const double at_end = x->stages[(STAGES - 1) * STATES + i] * unit;
        const double bend = DENSE_SHARE * dense_row(x, 2, i) * unit;
        const double left = x->defect[i] * unit * (1.0 / DEFECT_SHARE);
        const double below = -x->next[i] * unit;
        end += at_end * at_end;
        inside += bend * bend;
        worst = larger(worst, left * left);
        fall = larger(fall, x->y[i] < 0.0 ? 0.0 : below);
        x->below = larger(x->below, below);
    }
    x->e2 = larger(end, inside) * (1.0 / LENGTH(STATES));
    x->missed = stands_in(x, worst);
    x->fell = stands_in(x, x->falls < MOST_FALLS ? fall * fall : 0.0);
    /* NaN and inf first: every comparison below would let them pass as small. */
    if (!(x->e2 < FAILED))
        x->e2 = FAILED;
    x->factor = 0.9 * exp(-0.1 * log(larger(x->e2, 1e-12)));
    x->factor = smaller(larger(x->factor, 0.2), 6.0);
}

/* The three rows of the interpolant. */
PART void interpolant(Patient *x)
{
    BY_FOUR
    for (int i = 0; i < STATES; i++)
        for (int q = 0; q < 3; q++)
            x->rows[q * STATES + i] = dense_row(x, q, i);
}

/* State i at fraction a of the step tried. */
SMALL_PART double between(const Patient *x, int i, double a)
{
    const double *rows = x->rows;
    const double bend = rows[i] + a * (rows[STATES + i] + a * rows[2 * STATES + i]);
    return (1.0 - a) * x->y[i] + a * (x->next[i] + (1.0 - a) * bend);
}
