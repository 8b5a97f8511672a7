/* The event loop, and the timer of paced senders. */

static uint64_t deadline_all;
static int timer_fd = -1;
static uint64_t next_due, pub_interval;
static uint32_t pub_cursor, npublishers;

static void on_timer(void)
{
    uint64_t n, t = now_ns();
    if (read(timer_fd, &n, sizeof n) < 0 && errno != EAGAIN)
        return;
    /* open loop: the stamp is the time the message was due (no coordinated
     * omission: a late generator or server shows up in the latency) */
    while (publishing && next_due <= t) {
        uint32_t k = pub_cursor++ % npublishers;
        uint32_t room = k % (uint32_t)o.rooms, ord = k / (uint32_t)o.rooms;
        publish(&conns[room + ord * (uint32_t)o.rooms], next_due);
        next_due += pub_interval;
    }
    if (publishing) {
        struct itimerspec its = { .it_value = { (time_t)(next_due / 1000000000ULL), (long)(next_due % 1000000000ULL) } };
        timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &its, NULL);
    }
}

static void poll_once(uint64_t until)
{
    static struct epoll_event ev[1024];
    uint64_t t = now_ns();
    int ms = until <= t ? 0 : (int)((until - t) / 1000000 + 1);
    if (ms > 50)
        ms = 50;
    int n = epoll_wait(ep, ev, 1024, ms);
    for (int i = 0; i < n; i++) {
        if (ev[i].data.ptr == &timer_fd)
            on_timer();
        else
            on_event(ev[i].data.ptr, ev[i].events);
    }
    flush_all();
    if (!stopping && ready && closed_early >= ready)
        die("the server closed every connection (%s)", first_error);
    if (now_ns() > deadline_all)
        die("--max-time reached (ready %d of %d, delivered %llu, expected %llu; %s)", ready, o.conns,
            (unsigned long long)delivered, (unsigned long long)expected, first_error);
}

static void run_until(uint64_t until)
{
    while (now_ns() < until)
        poll_once(until);
}
