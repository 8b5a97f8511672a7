/* Who sends when: messages in open and closed loops, login steps, turns. */

/* who gets a message of this room: all members, or all but its sender */
static uint32_t audience(const struct room *r)
{
    return r->members - (o.noecho && r->members ? 1 : 0);
}

static uint8_t *tbuf;
#define TBUF (1u << 20)

static void put_rendered(struct conn *c, const struct tmpl *t, uint64_t ts)
{
    size_t n = render(t, c, ts, tbuf, TBUF);
    put_frame(c, o.binary ? 2 : 1, tbuf, n);
}

/* most that a sender has unacknowledged; one that sends at a rate does not wait for answers */
static uint32_t ring_size(void)
{
    return o.rate > 0 ? 1u << 14 : (uint32_t)o.window;
}

static void publish(struct conn *c, uint64_t ts)
{
    if (c->state != C_READY)
        return;
    c->sent++;
    put_rendered(c, &o.pub, ts);
    published++;
    struct room *r = &rooms[c->room];
    r->published++;
    expected += audience(r);
    if (!o.ack.len)
        return;
    if (c->sent - c->acked > ring_size())
        die("a sender has more unanswered than anybody would wait for");
    if (!c->sent_ns && !(c->sent_ns = calloc(ring_size(), sizeof *c->sent_ns)))
        die("out of memory");
    c->sent_ns[c->sent % ring_size()] = ts;
}

/* closed loop: top the room up to its window */
static void refill(uint32_t ri)
{
    struct room *r = &rooms[ri];
    if (!publishing || o.rate > 0 || o.ack.len || !audience(r))
        return;
    int pubs = o.pubs < (int)r->members ? o.pubs : (int)r->members;
    if (o.burst) {
        /* every publisher at once, only when all of the last burst arrived */
        if (r->delivered < r->published * audience(r))
            return;
        uint64_t t = now_ns();
        for (int k = 0; k < pubs; k++)
            for (int w = 0; w < o.window; w++)
                publish(&conns[ri + (uint32_t)k * (uint32_t)o.rooms], t);
        return;
    }
    uint64_t cap = (uint64_t)o.window * (uint64_t)pubs;
    uint64_t t = now_ns();
    while ((int64_t)(r->published - r->delivered / audience(r)) < (int64_t)cap) {
        publish(&conns[ri + r->next_pub * (uint32_t)o.rooms], t);
        r->next_pub = (r->next_pub + 1) % (uint32_t)pubs;
    }
}

/* closed loop by acknowledgements: a sender has so many outstanding, whoever heard them */
static void refill_sender(struct conn *c)
{
    while (publishing && c->state == C_READY && c->sent - c->acked < (uint32_t)o.window)
        publish(c, now_ns());
}

/* sends what is due, up to the next frame that is waited for; true when all steps are done */
static int run_sends(struct conn *c, const struct step *steps, int n)
{
    while (c->step < n && steps[c->step].kind == STEP_SEND)
        put_rendered(c, &steps[c->step++].t, now_ns());
    return c->step >= n;
}

static void start_turn(struct conn *c)
{
    c->step = 0;
    c->since_ns = now_ns();
    expected++;
    run_sends(c, o.turns, o.nturns);
}

static void run_steps(struct conn *c)
{
    login_steps++;
    if (!run_sends(c, o.steps, o.nsteps))
        return;
    c->state = C_READY;
    inflight--;
    if (o.mode == M_CONNECT || o.mode == M_IDLE)
        h_add(&latency, now_ns() - c->since_ns);
    if (o.mode == M_CONNECT) { /* a normal close; the next one starts when the server has hung up */
        handshakes++;
        c->state = C_LEAVING;
        put_frame(c, 8, (const uint8_t *)"\x03\xe8", 2);
    } else {
        ready++;
    }
}
