/* What arrives: every message is checked for its sender and its number. */

/* position of a needle: the last hit's offset is tried first, for the same
 * kind of frame nearly always has it at the same place */
static const uint8_t *find(const uint8_t *p, size_t n, const struct tmpl *t, size_t *hint)
{
    if (n < t->len)
        return NULL;
    if (*hint + t->len <= n && !memcmp(p + *hint, t->s, t->len))
        return p + *hint;
    const uint8_t *q = memmem(p, n, t->s, t->len);
    if (q)
        *hint = (size_t)(q - p);
    return q;
}

static uint64_t digits(const uint8_t *p, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v = v * 10 + (uint64_t)(p[i] - '0');
    return v;
}

/* the next number of this publisher, or what a correct server never does */
static void check_order(struct conn *c, uint64_t k, uint64_t n)
{
    uint32_t first = o.recover_last ? o.recover_first - 1 : 0;
    if (k < K_BASE || k - K_BASE >= (uint64_t)o.pubs || n < N_BASE) {
        strays++;
        return;
    }
    if (!c->heard) {
        if (!(c->heard = malloc((size_t)o.pubs * sizeof *c->heard)))
            die("out of memory");
        for (int i = 0; i < o.pubs; i++)
            c->heard[i] = first;
    }
    uint32_t *last = &c->heard[k - K_BASE], number = (uint32_t)(n - N_BASE);
    if (number == *last + 1) {
        *last = number;
    } else if (number <= *last) {
        repeats++;
        note_error("connection %u heard message %u of sender %u after %u", c->idx, number, (unsigned)(k - K_BASE), *last);
    } else {
        gaps += number - *last - 1;
        note_error("connection %u heard message %u of sender %u right after %u", c->idx, number, (unsigned)(k - K_BASE), *last);
        *last = number;
    }
}

/* checks and counts the messages in a frame, p being at the first one */
static uint64_t hear(struct conn *c, const uint8_t *p, const uint8_t *end)
{
    static unsigned every_k;
    uint64_t hits = 0;
    do {
        if (end - p < STAMP_LEN) {
            strays++;
            break;
        }
        check_order(c, digits(p + AT_K, 4), digits(p + AT_N, 9));
        hits++;
        if (sampling && o.mode == M_FANOUT && ++every_k >= (unsigned)o.every) {
            uint64_t sent = digits(p + AT_T, 16) - T_BASE, t = now_ns();
            every_k = 0;
            h_add(&latency, t > sent ? t - sent : 0);
        }
        p += STAMP_LEN;
    } while ((o.multi || o.recover_last) && (p = memmem(p, (size_t)(end - p), marker.s, marker.len)));
    return hits;
}

static void on_delivery(struct conn *c, const uint8_t *p, const uint8_t *end)
{
    uint64_t hits = hear(c, p, end);
    delivered += hits;
    struct room *r = &rooms[c->room];
    uint64_t per = audience(r) ? audience(r) : 1, before = r->delivered / per;
    r->delivered += hits;
    if (r->delivered / per != before)
        refill(c->room);
}

static void on_ack(struct conn *c)
{
    if (c->acked >= c->sent) {
        strays++;
        return;
    }
    acked++;
    c->acked++;
    if (sampling)
        h_add(&ack_latency, now_ns() - c->sent_ns[c->acked % ring_size()]);
    if (o.rate == 0)
        refill_sender(c);
}

static int is_expected(const struct step *s, const uint8_t *p, size_t n)
{
    return s->kind == STEP_EXPECT && memmem(p, n, s->t.s, s->t.len);
}

static void on_payload(struct conn *c, const uint8_t *p, size_t n)
{
    static size_t hint;
    const uint8_t *q;
    if (o.refuse.len && memmem(p, n, o.refuse.s, o.refuse.len)) {
        refusals++;
        note_error("refused: %.*s", (int)(n > 200 ? 200 : n), (const char *)p);
        return;
    }
    if (c->state == C_READY && o.mode == M_FANOUT) {
        if ((q = find(p, n, &marker, &hint))) {
            on_delivery(c, q, p + n);
            return;
        }
        if (o.ack.len && memmem(p, n, o.ack.s, o.ack.len)) {
            on_ack(c);
            return;
        }
    }
    if (c->state == C_READY && o.mode == M_TURNS && c->step < o.nturns && is_expected(&o.turns[c->step], p, n)) {
        c->step++;
        if (!run_sends(c, o.turns, o.nturns))
            return;
        delivered++;
        if (sampling)
            h_add(&latency, now_ns() - c->since_ns);
        if (publishing)
            start_turn(c);
        return;
    }
    if (c->state == C_STEPS && o.steps[c->step].kind == STEP_RECOVER && (q = find(p, n, &marker, &hint))) {
        delivered += hear(c, q, p + n);
        if (c->heard && c->heard[0] >= o.recover_last) {
            c->step++;
            run_steps(c);
        }
        return;
    }
    for (int i = 0; i < o.nreply; i++)
        if (n == o.reply[i].in.len && !memcmp(p, o.reply[i].in.s, n)) {
            put_frame(c, o.binary ? 2 : 1, o.reply[i].out.s, o.reply[i].out.len);
            app_pings++;
            return;
        }
    if (c->state == C_STEPS && is_expected(&o.steps[c->step], p, n)) {
        c->step++;
        run_steps(c);
        return;
    }
    other_frames++;
    if (o.verbose)
        fprintf(stderr, "conn %u: other frame (%zu): %.*s\n", c->idx, n, (int)(n > 200 ? 200 : n), (const char *)p);
}
