/* The loop around the step: what `driver.py` does for lanes, for one patient in one thread. */

/* What a launch is given, and where its results go, one row per patient. */
typedef struct {
    const double *patients, *times;
    double *outputs, *final, *fired;
    signed char *status;
    long long *steps;
    double *undershoot;
    double rtol, atol;
    long long max_steps;
    int moments;
} Block;

SMALL_PART double last_time(const Block *b) { return b->times[b->moments - 1]; }

/* The level at which trigger e acts. */
SMALL_PART double level(const Patient *x, int e) { return x->p[EVENT[e][REACHES]]; }

/* Apply event e; true when it changed a state. */
PART int happen(Patient *x, int e)
{
    double values[LENGTH(CHANGES)];
    int changed = 0;
    model_jumps(x->time, x->y, x->p, values);
    for (int c = EVENT[e][FIRST]; c < EVENT[e][LAST]; c++) {
        double *y = x->y + CHANGE[c][STATE];
        const double before = *y;
        *y = CHANGE[c][REPLACES] ? values[c] : before + values[c];
        changed = changed || *y != before;
    }
    return changed;
}

/* Whether event e is to happen now. */
SMALL_PART int due(const Patient *x, int e)
{
    if (x->done[e])
        return 0;
    if (EVENT[e][WHEN] < 0)
        return x->moments[e] <= x->time;
    return x->land == e || x->y[EVENT[e][WHEN]] >= level(x, e);
}

/* Apply all events that are due now, in declaration order, until none is; then find the next stop. */
PART void settle(Patient *x, const Block *b)
{
    int changed = 0, again = 1;
    while (again) {
        again = 0;
        for (int e = 0; e < EVENTS; e++)
            if (due(x, e)) {
                x->done[e] = 1;
                b->fired[x->who * EVENTS + e] = x->time;
                changed = happen(x, e) || changed;
                again = 1;
            }
    }
    x->land = -1;
    x->tries = 0;
    if (changed)
        x->step = smaller(x->step, STEP_AFTER_JUMP);
    x->stop = last_time(b);
    for (int e = 0; e < EVENTS; e++)
        if (!x->done[e])
            x->stop = smaller(x->stop, x->moments[e]);
}

/* Load a patient and let happen what is due at time 0. */
PART void start(Patient *x, const Block *b)
{
    const double *given = b->patients + x->who * PARAMETERS;
    for (int i = 0; i < PARAMETERS; i++)
        x->p[i] = given[i];
    for (int e = 0; e < EVENTS; e++) {
        const double moment = EVENT[e][AT] >= 0 ? given[EVENT[e][AT]] : NEVER;
        x->moments[e] = is_finite(moment) ? moment : NEVER;
        x->done[e] = 0;
        b->fired[x->who * EVENTS + e] = nan("");
    }
    model_starts(x->p, x->y);
    x->time = 0.0;
    x->step = FIRST_STEP;
    x->lowest = 0.0;
    x->count = x->cursor = x->status = x->misses = x->falls = 0;
    x->aim = x->land = -1;
    settle(x, b);
}

/* Time at the end of the step tried; a stop is met exactly. */
SMALL_PART double arrival(const Patient *x)
{
    return x->taken >= x->stop - x->time ? x->stop : smaller(x->time + x->taken, x->stop);
}

SMALL_PART int has_output_before(const Patient *x, const Block *b, double limit)
{
    return x->cursor < b->moments && b->times[x->cursor] < limit;
}

/* Write the outputs at time t and state y into the next row. */
SMALL_PART void record(Patient *x, const Block *b, double t, const double *y)
{
    double seen[LENGTH(OUTPUTS)];
    double *row = b->outputs + (x->who * b->moments + x->cursor) * OUTPUTS;
    model_observe(t, y, x->p, seen);
    for (int o = 0; o < OUTPUTS; o++)
        row[o] = seen[o];
    x->cursor++;
}

/* Outputs at the present time, after the events of that moment. */
SMALL_PART void record_now(Patient *x, const Block *b)
{
    while (x->cursor < b->moments && b->times[x->cursor] <= x->time)
        record(x, b, x->time, x->y);
}

/* Outputs inside an accepted step, by the method's own interpolation. */
SMALL_PART void record_inside(Patient *x, const Block *b)
{
    double state[LENGTH(STATES)];
    while (has_output_before(x, b, arrival(x))) {
        const double moment = b->times[x->cursor], a = (moment - x->time) / x->taken;
        for (int i = 0; i < STATES; i++)
            state[i] = between(x, i, a);
        record(x, b, moment, state);
    }
}

/* Whether the step tried ends at or above the level of trigger e. */
SMALL_PART int meets(const Patient *x, int e)
{
    return EVENT[e][WHEN] >= 0 && !x->done[e] && x->next[EVENT[e][WHEN]] >= level(x, e);
}

/* Whether an acceptable step holds an output or meets a trigger. */
SMALL_PART int needs_interpolant(const Patient *x, const Block *b)
{
    if (x->aim >= 0 || has_output_before(x, b, arrival(x)))
        return 1;
    for (int e = 0; e < EVENTS; e++)
        if (meets(x, e))
            return 1;
    return 0;
}

/* Fraction of the step at which state i rises to the level, by bisection. */
PART double crossing(const Patient *x, int i, double level)
{
    double low = 0.0, high = 1.0;
    for (int n = 0; n < 60; n++) {
        const double middle = 0.5 * (low + high);
        if (between(x, i, middle) >= level)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Land on the first trigger that an acceptable step meets, or ask for a shorter step that leads to it. */
PART void take_aim(Patient *x)
{
    const int aimed = x->aim;
    double earliest = 2.0;
    int which = -1;
    for (int e = 0; e < EVENTS; e++)
        if (meets(x, e)) {
            const double a = crossing(x, EVENT[e][WHEN], level(x, e));
            if (a < earliest) {
                earliest = a;
                which = e;
            }
        }
    x->aim = -1;
    if (which >= 0) {
        if ((1.0 - earliest) * x->taken <= LANDING || x->tries >= LANDING_TRIES) {
            x->land = which;
        } else {
            x->aim = which;
            x->aim_step = larger(earliest * x->taken, 0.5 * LANDING);
            x->tries++;
            x->e2 = REDO;
        }
    } else if (aimed >= 0) {
        const int i = EVENT[aimed][WHEN];
        const double slope = (x->next[i] - between(x, i, 0.99)) / (0.01 * x->taken);
        if (level(x, aimed) - x->next[i] <= slope * LANDING)
            x->land = aimed;
    }
}

/* Accept the step, and let happen what is due at its end. */
PART void advance(Patient *x, const Block *b)
{
    const double end = arrival(x), grown = x->taken * x->factor;
    for (int i = 0; i < STATES; i++)
        x->y[i] = x->next[i];
    x->lowest = larger(x->lowest, x->below);
    /* A step cut short at a stop says little about the next one: keep the longer proposal. */
    x->step = x->taken < x->step ? larger(x->step, grown) : grown;
    x->time = end;
    if (x->land >= 0 || end >= x->stop)
        settle(x, b);
}

/* Shorten the step after a try that failed; give up below the least step, or when too many were solved badly. */
SMALL_PART void refuse(Patient *x)
{
    const int failed = x->e2 >= FAILED;
    x->misses += x->missed;
    if (x->e2 == REDO)
        return;
    x->aim = -1;
    x->step = x->taken * (failed ? 0.1 : smaller(x->factor, 0.9));
    if (x->step < LEAST_STEP)
        x->status = failed ? NOT_FINITE : STEP_TOO_SMALL;
    else if (x->misses >= MOST_MISSES)
        x->status = UNSOLVED;
}

/* Write final states and status; a failed patient's rows are NaN. */
PART void retire(Patient *x, const Block *b)
{
    for (int i = 0; i < STATES; i++) {
        b->final[x->who * STATES + i] = x->y[i];
        if (x->status == OK && !is_finite(x->y[i]))
            x->status = NOT_FINITE;
    }
    if (x->status != OK) {
        for (long long i = 0; i < (long long)b->moments * OUTPUTS; i++)
            b->outputs[x->who * b->moments * OUTPUTS + i] = nan("");
        for (int i = 0; i < STATES; i++)
            b->final[x->who * STATES + i] = nan("");
        for (int e = 0; e < EVENTS; e++)
            b->fired[x->who * EVENTS + e] = nan("");
    }
    b->status[x->who] = (signed char)x->status;
    b->steps[x->who] = x->count;
    b->undershoot[x->who] = x->lowest;
}

/* One try, and what follows from it. */
SMALL_PART void go_on(Patient *x, const Block *b)
{
    x->taken = smaller(x->aim >= 0 ? x->aim_step : x->step, x->stop - x->time);
    try_step(x);
    judge(x, b->rtol, b->atol);
    x->count++;
    x->falls += x->fell;
    if (x->e2 <= 1.0 && needs_interpolant(x, b)) {
        interpolant(x);
        take_aim(x);
        if (x->e2 <= 1.0)
            record_inside(x, b);
    }
    if (x->e2 <= 1.0)
        advance(x, b);
    else
        refuse(x);
    if (x->status == OK && x->count >= b->max_steps && x->time < last_time(b))
        x->status = TOO_MANY_STEPS;
}

/* Integrate a block from 0 to the last time. A thread that is done with a patient takes the next one, so that its
   neighbours need not wait for the slowest; `waiting` counts the patients taken and must begin at 0. */
KERNEL solve_patients(const double *patients, long long count, const double *times, int moments, double rtol,
                      double atol, long long max_steps, double *outputs, double *final, double *fired,
                      signed char *status, long long *steps, double *undershoot, unsigned long long *waiting)
{
    const Block block = {patients, times,      outputs, final, fired,     status,
                         steps,    undershoot, rtol,    atol,  max_steps, moments};
    Patient x;
    int fresh = 1;
    x.who = take(waiting);
    while (x.who < count) {
        if (fresh)
            start(&x, &block);
        record_now(&x, &block);
        fresh = x.time >= last_time(&block) || x.status != OK;
        if (fresh) {
            retire(&x, &block);
            x.who = take(waiting);
        } else {
            go_on(&x, &block);
        }
    }
}
