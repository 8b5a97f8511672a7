/* Sockets and RFC 6455. */

/* parses what is in p[0..n): returns the bytes used; the rest is kept */
static size_t parse(struct conn *c, uint8_t *p, size_t n)
{
    size_t used = 0;
    if (c->state == C_UPGRADE) {
        uint8_t *e = memmem(p, n, "\r\n\r\n", 4);
        if (!e)
            return 0;
        size_t hl = (size_t)(e - p) + 4;
        if (n < 12 || memcmp(p, "HTTP/1.1 101", 12) || !memmem(p, hl, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28)) {
            note_error("upgrade: %.*s", (int)(n > 120 ? 120 : n), (char *)p);
            conn_close(c, &err_upgrade);
            return n;
        }
        used = hl;
        c->state = C_STEPS;
        run_steps(c);
    }
    while (n - used >= 2) {
        uint8_t *f = p + used;
        size_t left = n - used, h = 2;
        uint64_t len = f[1] & 0x7f;
        if (f[1] & 0x80 || f[0] & 0x70) { /* masked by a server, or reserved bits */
            note_error("bad frame header %02x %02x", f[0], f[1]);
            conn_close(c, &err_proto);
            return n;
        }
        if (len == 126) {
            if (left < 4)
                break;
            len = (uint64_t)f[2] << 8 | f[3];
            h = 4;
        } else if (len == 127) {
            if (left < 10)
                break;
            len = 0;
            for (int i = 0; i < 8; i++)
                len = len << 8 | f[2 + i];
            h = 10;
        }
        if (len > RBUF / 2) {
            note_error("frame of %llu bytes", (unsigned long long)len);
            conn_close(c, &err_proto);
            return n;
        }
        if (left < h + len)
            break;
        switch (f[0] & 0x0f) {
        case 0: case 1: case 2: on_payload(c, f + h, (size_t)len); break;
        case 8:
            if (c->state == C_LEAVING) {
                conn_close(c, NULL);
            } else if (!stopping) {
                note_error("close frame, code %d", len >= 2 ? f[h] << 8 | f[h + 1] : 0);
                conn_close(c, &err_closed);
            }
            return n;
        case 9:
            pings++;
            put_frame(c, 10, f + h, (size_t)len);
            break;
        case 10: break;
        default:
            note_error("opcode %d", f[0] & 15);
            conn_close(c, &err_proto);
            return n;
        }
        if (c->state == C_CLOSED)
            return n;
        used += h + (size_t)len;
    }
    return used;
}

static void on_readable(struct conn *c)
{
    /* a kept partial frame goes in front of the new bytes: contiguous parse */
    size_t have = c->remlen;
    if (have)
        memcpy(rbuf, c->rem, have);
    ssize_t r = recv(c->fd, rbuf + have, RBUF - have, 0);
    if (r <= 0) {
        if (r < 0 && errno == EAGAIN)
            return;
        if (c->state == C_LEAVING) {
            conn_close(c, NULL);
            return;
        }
        if (!stopping)
            note_error("recv: %s (state %d)", r ? strerror(errno) : "closed by the server", c->state);
        conn_close(c, &err_closed);
        return;
    }
    reads++;
    rx_bytes += (uint64_t)r;
    size_t n = have + (size_t)r;
    size_t used = parse(c, rbuf, n);
    if (c->state == C_CLOSED)
        return;
    size_t left = n - used;
    if (left > c->remcap) {
        c->remcap = (uint32_t)(left + 512);
        c->rem = realloc(c->rem, c->remcap);
        if (!c->rem)
            die("out of memory");
    }
    if (left)
        memcpy(c->rem, rbuf + used, left);
    c->remlen = (uint32_t)left;
}

static void send_upgrade(struct conn *c)
{
    struct tmpl pt = { (uint8_t *)(uintptr_t)o.path, strlen(o.path) };
    size_t pl = render(&pt, c, now_ns(), tbuf, TBUF);
    tbuf[pl++] = 0;
    struct tmpl ht = { (uint8_t *)o.headers, strlen(o.headers) };
    char *headers = (char *)tbuf + pl;
    size_t hl = render(&ht, c, now_ns(), tbuf + pl, TBUF - pl);
    headers[hl] = 0;
    out_reserve(c, pl + hl + 512);
    c->outlen = (uint32_t)sprintf((char *)c->out,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s%s%s%s\r\n",
        (char *)tbuf, o.port, o.proto[0] ? "Sec-WebSocket-Protocol: " : "", o.proto, o.proto[0] ? "\r\n" : "", headers);
    want_flush(c);
}

static void start_conn(struct conn *c)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0)
        die("socket: %s (raise ulimit -n?)", strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)o.port),
        .sin_addr.s_addr = htonl(0x7f000001u + c->idx % (uint32_t)o.hosts) };
    if (o.sources > 1) { /* more connections than one address has ports */
        struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001u + c->idx % (uint32_t)o.sources) };
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
            die("bind: %s", strerror(errno));
    }
    c->fd = fd;
    c->state = C_CONNECTING;
    c->since_ns = now_ns();
    inflight++;
    started++;
    int r = connect(fd, (struct sockaddr *)&a, sizeof a);
    if (r < 0 && errno != EINPROGRESS) {
        note_error("connect: %s", strerror(errno));
        c->state = C_CONNECTING;
        conn_close(c, &err_connect);
        return;
    }
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.ptr = c };
    c->want_out = 1;
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void on_event(struct conn *c, uint32_t ev)
{
    if (c->state == C_CLOSED)
        return;
    if (c->state == C_CONNECTING) {
        int e = 0;
        socklen_t l = sizeof e;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l);
        if (e) {
            note_error("connect: %s", strerror(e));
            conn_close(c, &err_connect);
            return;
        }
        if (!(ev & EPOLLOUT))
            return;
        c->state = C_UPGRADE;
        send_upgrade(c);
        return;
    }
    if (ev & EPOLLOUT)
        want_flush(c);
    if (ev & (EPOLLIN | EPOLLHUP | EPOLLERR))
        on_readable(c);
}
