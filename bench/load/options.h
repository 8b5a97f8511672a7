/* What the command line asks for; templates are unescaped here, and filled in in template.h. */

/* one connection may enter many rooms */
#define MAX_STEPS 2048
#define MAX_PIDS 16
#define MAX_REPLY 4
enum { M_FANOUT, M_IDLE, M_TURNS, M_CONNECT };
static const char *const mode_names[] = { "fanout", "idle", "turns", "connect" };
enum { STEP_SEND, STEP_EXPECT, STEP_RECOVER };
struct tmpl { uint8_t *s; size_t len; };
struct step { int kind; struct tmpl t; };

static struct {
    int mode, port, hosts, sources, conns, rooms, pubs, window, burst, noecho, inflight, binary, multi, every, gcsig;
    int size, verbose, tell;
    double rate, secs, warmup, settle, hold, drain, max_time;
    const char *path, *proto, *label;
    char headers[4096];
    struct step steps[MAX_STEPS], turns[MAX_STEPS];
    int nsteps, nturns;
    uint32_t recover_first, recover_last;
    int cores[2];
    struct tmpl pub, ack, refuse;
    struct tmpl *values;
    int nvalues;
    struct { struct tmpl in, out; } reply[MAX_REPLY];
    int nreply;
    int pids[MAX_PIDS], npids;
} o = {
    .mode = M_FANOUT, .hosts = 1, .sources = 1, .conns = 100, .rooms = 1, .pubs = 1, .window = 8, .inflight = 64,
    .every = 16, .size = 128, .secs = 5, .warmup = 2, .settle = 0.5, .hold = 5, .drain = 5, .max_time = 120,
    .cores = { 0, 1 }, .path = "/", .proto = "", .label = "",
};

/* C escapes in templates: \r \n \t \0 \\ \xHH */
static struct tmpl unescape(const char *s)
{
    struct tmpl t = { malloc(strlen(s) + 1), 0 };
    while (*s) {
        if (*s != '\\' || !s[1]) {
            t.s[t.len++] = (uint8_t)*s++;
            continue;
        }
        s++;
        if (*s == 'x' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])) {
            char hex[3] = { s[1], s[2], 0 };
            t.s[t.len++] = (uint8_t)strtol(hex, NULL, 16);
            s += 3;
            continue;
        }
        t.s[t.len++] = *s == 'r' ? '\r' : *s == 'n' ? '\n' : *s == 't' ? '\t' : *s == '0' ? 0 : (uint8_t)*s;
        s++;
    }
    t.s[t.len] = 0;
    return t;
}
