/* The connections, what is counted, and the bytes that wait to leave. */

enum { C_NEW, C_CONNECTING, C_UPGRADE, C_STEPS, C_READY, C_LEAVING, C_CLOSED };
struct conn {
    int fd;
    uint8_t state, want_out, in_flush;
    uint16_t step;
    uint32_t idx, room;
    uint32_t remlen, remcap, outlen, outcap;
    uint8_t *rem, *out;
    uint32_t serial;   /* handshakes before this one: whose value it takes (%V) */
    uint32_t sent;     /* messages published, numbered from 1 */
    uint32_t acked;
    uint32_t *heard;   /* by publisher of its room: the number of the last message that arrived */
    uint64_t *sent_ns; /* by number mod ring size: when a message that is not acknowledged was sent */
    uint64_t since_ns; /* start of this handshake or turn */
};
struct room {
    uint64_t published, delivered; /* closed loop bookkeeping */
    uint32_t members, next_pub;
};

static struct conn *conns;
static struct room *rooms;
static int ep;
static int started, ready, inflight, closed_early;
static uint64_t login_steps; /* of all connections: whether they get on */
static uint64_t err_connect, err_upgrade, err_proto, err_closed;
static uint64_t published, delivered, expected, acked, handshakes, pings, app_pings, reads, rx_bytes, other_frames;
/* what a correct server never does */
static uint64_t gaps, repeats, strays, refusals;
static int publishing, sampling, stopping;
static struct conn **flushq;
static int nflush;
static uint8_t mask4[4] = { 0x37, 0xfa, 0x21, 0x3d };
static char first_error[256];

#define RBUF (4u << 20)
static uint8_t *rbuf;

static void note_error(const char *fmt, ...)
{
    if (first_error[0])
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(first_error, sizeof first_error, fmt, ap);
    va_end(ap);
    for (char *p = first_error; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 32 || (unsigned char)*p > 126)
            *p = '.';
}

static void out_reserve(struct conn *c, size_t n)
{
    if (c->outlen + n <= c->outcap)
        return;
    size_t cap = c->outcap ? c->outcap : 256;
    while (cap < c->outlen + n)
        cap *= 2;
    c->out = realloc(c->out, cap);
    if (!c->out)
        die("out of memory");
    c->outcap = (uint32_t)cap;
}

static void want_flush(struct conn *c)
{
    if (!c->in_flush) {
        c->in_flush = 1;
        flushq[nflush++] = c;
    }
}

/* queue one masked client frame; the bytes leave in flush_all() */
static void put_frame(struct conn *c, int opcode, const uint8_t *p, size_t n)
{
    out_reserve(c, n + 14);
    uint8_t *d = c->out + c->outlen;
    size_t h = 2;
    d[0] = (uint8_t)(0x80 | opcode);
    if (n < 126) {
        d[1] = (uint8_t)(0x80 | n);
    } else if (n < 65536) {
        d[1] = 0x80 | 126;
        d[2] = (uint8_t)(n >> 8);
        d[3] = (uint8_t)n;
        h = 4;
    } else {
        d[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++)
            d[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
        h = 10;
    }
    memcpy(d + h, mask4, 4);
    h += 4;
    uint64_t m8 = 0;
    memcpy(&m8, mask4, 4);
    m8 |= m8 << 32;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t v;
        memcpy(&v, p + i, 8);
        v ^= m8;
        memcpy(d + h + i, &v, 8);
    }
    for (; i < n; i++)
        d[h + i] = p[i] ^ mask4[i & 3];
    c->outlen += (uint32_t)(h + n);
    want_flush(c);
}

static void update_events(struct conn *c, int want_out)
{
    if (c->want_out == want_out)
        return;
    struct epoll_event ev = { .events = EPOLLIN | (want_out ? EPOLLOUT : 0), .data.ptr = c };
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
    c->want_out = (uint8_t)want_out;
}

static void conn_close(struct conn *c, uint64_t *counter)
{
    if (c->state == C_CLOSED)
        return;
    if (c->state == C_READY)
        closed_early++;
    else if (c->state != C_LEAVING)
        inflight--;
    if (counter)
        (*counter)++;
    close(c->fd);
    c->fd = -1;
    c->state = C_CLOSED;
    free(c->rem);
    free(c->out);
    c->rem = c->out = NULL;
    c->remlen = c->remcap = c->outlen = c->outcap = 0;
}

static void flush_conn(struct conn *c)
{
    c->in_flush = 0;
    if (c->state == C_CLOSED || !c->outlen)
        return;
    uint32_t off = 0;
    while (off < c->outlen) {
        ssize_t w = send(c->fd, c->out + off, c->outlen - off, MSG_NOSIGNAL);
        if (w < 0) {
            if (errno == EAGAIN)
                break;
            if (c->state != C_LEAVING)
                note_error("send: %s", strerror(errno));
            conn_close(c, c->state == C_LEAVING ? NULL : &err_closed);
            return;
        }
        off += (uint32_t)w;
    }
    if (off && off < c->outlen)
        memmove(c->out, c->out + off, c->outlen - off);
    c->outlen -= off;
    update_events(c, c->outlen > 0);
    if (!c->outlen && o.mode == M_IDLE) {
        free(c->out);
        c->out = NULL;
        c->outcap = 0;
    }
}

static void flush_all(void)
{
    for (int i = 0; i < nflush; i++)
        flush_conn(flushq[i]);
    nflush = 0;
}
