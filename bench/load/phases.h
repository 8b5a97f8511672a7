/* A run: connect, warm up, measure, drain. */

struct reading {
    uint64_t at, published, units, reads, bytes;
    struct usage server;
    double self, busy[2], steal[2];
};

static struct reading read_all(void)
{
    struct reading r = { .at = now_ns(), .published = published, .reads = reads, .bytes = rx_bytes, .server = server_usage(0),
        .self = self_cpu(), .units = o.mode == M_CONNECT ? handshakes : o.mode == M_IDLE ? (uint64_t)ready : delivered };
    for (int i = 0; i < 2; i++)
        core_busy(o.cores[i], &r.busy[i], &r.steal[i]);
    return r;
}

/* for who measures what is not a server of --pid */
static void tell(const char *phase)
{
    if (o.tell)
        fprintf(stderr, "%s\n", phase);
}

static struct reading from, to; /* the measured window */
static struct { struct usage start, connected, end; } memory;

static uint64_t errors(void)
{
    return err_connect + err_upgrade + err_proto + err_closed;
}

/* what the server has once it collected its garbage */
static struct usage settled_usage(void)
{
    if (o.gcsig) {
        for (int i = 0; i < o.npids; i++)
            kill(o.pids[i], o.gcsig);
        run_until(now_ns() + 1500000000ULL);
    }
    return server_usage(1);
}

static void connect_all(void)
{
    int next = 0;
    uint64_t last = 0, progress = now_ns();
    while (ready + (int)errors() < o.conns) {
        while (next < o.conns && inflight < o.inflight)
            start_conn(&conns[next++]);
        poll_once(now_ns() + 50000000);
        if (login_steps != last)
            last = login_steps, progress = now_ns();
        if (now_ns() - progress > 15000000000ULL) {
            note_error("no progress in the login steps (a frame that was waited for did not come)");
            break;
        }
    }
    /* members that did not make it are not expected to receive */
    for (int i = 0; i < o.conns; i++)
        if (conns[i].state != C_READY)
            rooms[conns[i].room].members--;
}

/* opens and closes until then, so many at once as there are connections */
static void reconnect_until(uint64_t until)
{
    while (now_ns() < until && !errors()) {
        for (int i = 0; i < o.conns; i++) {
            struct conn *c = &conns[i];
            if (c->state == C_CLOSED)
                c->serial++;
            else if (c->state != C_NEW)
                continue;
            c->step = 0;
            start_conn(c);
        }
        poll_once(until);
    }
}

static void start_timer(void)
{
    npublishers = (uint32_t)(o.pubs * o.rooms);
    pub_interval = (uint64_t)(1e9 / (o.rate * npublishers));
    next_due = now_ns() + pub_interval;
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &timer_fd };
    epoll_ctl(ep, EPOLL_CTL_ADD, timer_fd, &ev);
    struct itimerspec its = { .it_value = { (time_t)(next_due / 1000000000ULL), (long)(next_due % 1000000000ULL) } };
    timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &its, NULL);
}

static void start_traffic(void)
{
    publishing = 1;
    if (o.mode == M_TURNS)
        for (int i = 0; i < o.conns; i++)
            start_turn(&conns[i]);
    else if (o.mode == M_FANOUT && o.rate > 0)
        start_timer();
    else if (o.mode == M_FANOUT && o.ack.len)
        for (int i = 0; i < o.pubs * o.rooms; i++)
            refill_sender(&conns[i]);
    else if (o.mode == M_FANOUT)
        for (int i = 0; i < o.rooms; i++)
            refill((uint32_t)i);
    flush_all();
}

/* everything published so far must arrive and be acknowledged: a server that is behind may take its time, but not stand still */
static void drain(void)
{
    uint64_t had = delivered + acked, progress = now_ns();
    while ((delivered < expected || (o.ack.len && acked < published)) && now_ns() < progress + (uint64_t)(o.drain * 1e9)) {
        poll_once(now_ns() + 50000000);
        if (delivered + acked != had)
            had = delivered + acked, progress = now_ns();
    }
}

static void run_traffic(void)
{
    void (*go)(uint64_t) = o.mode == M_CONNECT ? reconnect_until : run_until;
    tell("traffic");
    start_traffic();
    go(now_ns() + (uint64_t)(o.warmup * 1e9));
    memset(&latency, 0, sizeof latency);
    sampling = 1;
    from = read_all();
    tell("measuring");
    go(from.at + (uint64_t)(o.secs * 1e9));
    to = read_all();
    tell("measured");
    sampling = publishing = 0;
    drain();
    if (o.mode == M_FANOUT) /* and nothing else */
        run_until(now_ns() + 100000000);
}

static void run(void)
{
    if (o.mode == M_IDLE)
        memory.start = settled_usage();
    from = read_all();
    if (o.mode != M_CONNECT)
        connect_all();
    to = read_all();
    tell("connected");
    run_until(now_ns() + (uint64_t)(o.settle * 1e9));
    memory.connected = server_usage(1);
    if (o.mode == M_IDLE) {
        run_until(now_ns() + (uint64_t)(o.hold * 1e9));
        memory.end = settled_usage();
    } else if (o.mode == M_CONNECT || ready > 0) {
        run_traffic();
        memory.end = server_usage(1);
    }
    stopping = 1;
}
