/* Templates with their places filled in, and the stamp that every payload carries. */

/* What --size bytes of payload look like: {"t":1000000123456789,"k":1003,"n":100000042,"p":"xxxx"}: when it was sent, by
 * which publisher of the room and its how many-eth. Digits of a fixed number, so that nothing has to be searched. */
#define K_BASE 1000u
#define N_BASE 100000000u
#define STAMP "{\"t\":%016llu,\"k\":%04u,\"n\":%09u,\"p\":\""
static const struct tmpl marker = { (uint8_t *)"{\"t\":1", 6 };
enum { AT_T = 5, AT_K = AT_T + 16 + 5, AT_N = AT_K + 4 + 5, STAMP_LEN = AT_N + 9 };

/* %d connection index, %r room, %n number of the message, %t timestamp, %P the payload object, %V a line of --values,
 * %% a percent sign; a width (%4r) means zero padding. */
static size_t render(const struct tmpl *t, const struct conn *c, uint64_t ts, uint8_t *dst, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < t->len; i++) {
        if (n + 8192 + (size_t)o.size > cap)
            die("template too long");
        if (t->s[i] != '%' || i + 1 >= t->len) {
            dst[n++] = t->s[i];
            continue;
        }
        int width = 0;
        i++;
        while (isdigit(t->s[i]))
            width = width * 10 + (t->s[i++] - '0');
        switch (t->s[i]) {
        case 'd': n += (size_t)sprintf((char *)dst + n, "%0*u", width, c->idx); break;
        case 'r': n += (size_t)sprintf((char *)dst + n, "%0*u", width, c->room); break;
        case 'n': n += (size_t)sprintf((char *)dst + n, "%0*u", width, c->sent); break;
        case 'V': {
            if (!o.nvalues)
                die("%%V without --values");
            const struct tmpl *v = &o.values[(c->idx + c->serial * (uint32_t)o.conns) % (uint32_t)o.nvalues];
            memcpy(dst + n, v->s, v->len);
            n += v->len;
            break;
        }
        case 't': n += (size_t)sprintf((char *)dst + n, "%016llu", (unsigned long long)(ts + T_BASE)); break;
        case 'P': {
            size_t at = n;
            n += (size_t)sprintf((char *)dst + n, STAMP, (unsigned long long)(ts + T_BASE),
                                 K_BASE + c->idx / (uint32_t)o.rooms, N_BASE + c->sent);
            while (n - at + 2 < (size_t)o.size)
                dst[n] = (uint8_t)('a' + (n - at) % 26), n++;
            dst[n++] = '"';
            dst[n++] = '}';
            break;
        }
        default: dst[n++] = t->s[i];
        }
    }
    return n;
}
