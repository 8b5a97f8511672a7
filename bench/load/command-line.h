/* Reading the command line. */

static const char usage_text[] =
    "wsload --port P --mode fanout|idle|turns|connect\n"
    "  --conns N --rooms R --pubs P      members in all; rooms (conn i is in room i mod R); publishers per room\n"
    "  --path S --proto S --header 'K: V' (templates) --hosts K, --sources K (127.0.0.1..K) --inflight N (handshakes at once)\n"
    "  --send T, --expect S              login steps, in order (frame template / text to wait for)\n"
    "  --recover A-B                     a login step: payloads number A to B must come, in order\n"
    "  --turn-send T, --turn-expect S    steps of a turn (turns)\n"
    "  --pub T                           publish template; each %P in what is received is a delivery\n"
    "  --ack S                           what marks the answer to a publish: one each, --window counts those\n"
    "  --refuse S                        a frame with this fails the run\n"
    "  --multi                           several messages per frame\n"
    "  --reply IN=OUT                    answer a frame equal to IN (Engine.IO 2=3)\n"
    "  --values FILE                     lines for %V, one a handshake; - reads them from the standard input\n"
    "  --binary                          send binary frames\n"
    "  --size N                          bytes of %P, the payload object {\"t\":...,\"k\":...,\"n\":...,\"p\":\"...\"}\n"
    "  --rate F                          msg/s per publisher (open loop); 0 = closed loop\n"
    "  --window W                        closed loop: messages outstanding per publisher\n"
    "  --no-echo                         the sender does not receive its own message\n"
    "  --burst                           closed loop: all publishers at once, when the last burst has arrived\n"
    "  --every K                         latency of every K-th delivery\n"
    "  --settle S --warmup S --secs S --drain S --hold S --max-time S\n"
    "  --cores S,L                       cores of the server and of this process, to tell what others did on them (0,1)\n"
    "  --tell                            a line on standard error at each turn: connected, traffic, measuring, measured\n"
    "  --pid N[,N..]                     server processes: CPU, RSS, PSS;  --gc-signal N: sent before the first and the last memory reading of --mode idle\n"
    "templates: %d connection, %r room, %n number, %t stamp, %P payload, %V value, %4r zero-padded; \\r \\n \\xHH\n";

static void add_step(struct step *steps, int *n, int kind, struct tmpl t)
{
    if (*n == MAX_STEPS)
        die("too many steps");
    steps[*n].kind = kind;
    steps[(*n)++].t = t;
}

static void read_values(const char *file)
{
    static char line[8192];
    FILE *f = strcmp(file, "-") ? fopen(file, "r") : stdin;
    if (!f)
        die("%s: %s", file, strerror(errno));
    for (int cap = 0; fgets(line, sizeof line, f);) {
        if (o.nvalues == cap && !(o.values = realloc(o.values, (size_t)(cap = cap ? 2 * cap : 64) * sizeof *o.values)))
            die("out of memory");
        line[strcspn(line, "\r\n")] = 0;
        o.values[o.nvalues++] = (struct tmpl){ (uint8_t *)strdup(line), strlen(line) };
    }
    fclose(f);
}

static int mode_of(const char *name)
{
    for (int i = 0; i < 4; i++)
        if (!strcmp(name, mode_names[i]))
            return i;
    die("--mode %s: fanout, idle, turns or connect", name);
    return 0;
}

static void read_options(int argc, char **argv)
{
    o.pub = unescape("%P");
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "--help")) {
            fputs(usage_text, stdout);
            exit(0);
        }
        if (!strcmp(a, "--burst")) { o.burst = 1; continue; }
        if (!strcmp(a, "--no-echo")) { o.noecho = 1; continue; }
        if (!strcmp(a, "--binary")) { o.binary = 1; continue; }
        if (!strcmp(a, "--multi")) { o.multi = 1; continue; }
        if (!strcmp(a, "--tell")) { o.tell = 1; continue; }
        if (!strcmp(a, "--verbose")) { o.verbose = 1; continue; }
        if (i + 1 >= argc)
            die("%s: value missing\n%s", a, usage_text);
        const char *v = argv[++i];
        if (!strcmp(a, "--mode")) o.mode = mode_of(v);
        else if (!strcmp(a, "--port")) o.port = atoi(v);
        else if (!strcmp(a, "--hosts")) o.hosts = atoi(v);
        else if (!strcmp(a, "--sources")) o.sources = atoi(v);
        else if (!strcmp(a, "--values")) read_values(v);
        else if (!strcmp(a, "--conns")) o.conns = atoi(v);
        else if (!strcmp(a, "--rooms")) o.rooms = atoi(v);
        else if (!strcmp(a, "--pubs")) o.pubs = atoi(v);
        else if (!strcmp(a, "--window")) o.window = atoi(v);
        else if (!strcmp(a, "--inflight")) o.inflight = atoi(v);
        else if (!strcmp(a, "--every")) o.every = atoi(v);
        else if (!strcmp(a, "--size")) o.size = atoi(v);
        else if (!strcmp(a, "--rate")) o.rate = atof(v);
        else if (!strcmp(a, "--secs")) o.secs = atof(v);
        else if (!strcmp(a, "--warmup")) o.warmup = atof(v);
        else if (!strcmp(a, "--settle")) o.settle = atof(v);
        else if (!strcmp(a, "--hold")) o.hold = atof(v);
        else if (!strcmp(a, "--drain")) o.drain = atof(v);
        else if (!strcmp(a, "--max-time")) o.max_time = atof(v);
        else if (!strcmp(a, "--gc-signal")) o.gcsig = atoi(v);
        else if (!strcmp(a, "--path")) o.path = v;
        else if (!strcmp(a, "--proto")) o.proto = v;
        else if (!strcmp(a, "--label")) o.label = v;
        else if (!strcmp(a, "--pub")) o.pub = unescape(v);
        else if (!strcmp(a, "--ack")) o.ack = unescape(v);
        else if (!strcmp(a, "--refuse")) o.refuse = unescape(v);
        else if (!strcmp(a, "--send")) add_step(o.steps, &o.nsteps, STEP_SEND, unescape(v));
        else if (!strcmp(a, "--expect")) add_step(o.steps, &o.nsteps, STEP_EXPECT, unescape(v));
        else if (!strcmp(a, "--turn-send")) add_step(o.turns, &o.nturns, STEP_SEND, unescape(v));
        else if (!strcmp(a, "--turn-expect")) add_step(o.turns, &o.nturns, STEP_EXPECT, unescape(v));
        else if (!strcmp(a, "--recover")) {
            if (sscanf(v, "%u-%u", &o.recover_first, &o.recover_last) != 2 || o.recover_first < 1 || o.recover_last < o.recover_first)
                die("--recover %s: A-B", v);
            add_step(o.steps, &o.nsteps, STEP_RECOVER, (struct tmpl){ 0 });
        } else if (!strcmp(a, "--header")) {
            size_t l = strlen(o.headers);
            if (l + strlen(v) + 3 >= sizeof o.headers)
                die("headers too long");
            sprintf(o.headers + l, "%s\r\n", v);
        } else if (!strcmp(a, "--reply")) {
            char *d = strdup(v), *eq = strchr(d, '=');
            if (!eq || o.nreply == MAX_REPLY)
                die("--reply IN=OUT");
            *eq = 0;
            o.reply[o.nreply].in = unescape(d);
            o.reply[o.nreply++].out = unescape(eq + 1);
            free(d);
        } else if (!strcmp(a, "--cores")) {
            if (sscanf(v, "%d,%d", &o.cores[0], &o.cores[1]) != 2)
                die("--cores S,L");
        } else if (!strcmp(a, "--pid")) {
            char *d = strdup(v), *s = NULL;
            for (char *t = strtok_r(d, ", ", &s); t; t = strtok_r(NULL, ", ", &s))
                if (o.npids < MAX_PIDS)
                    o.pids[o.npids++] = atoi(t);
            free(d);
        } else
            die("unknown option %s\n%s", a, usage_text);
    }
    if (o.port <= 0 || o.port > 65535 || o.conns < 1 || o.conns > 60000 || o.rooms < 1 || o.rooms > o.conns || o.pubs < 1 ||
        o.pubs > o.conns / o.rooms || o.window < 1 || o.every < 1 || o.size < 72 || o.size > 500000 || o.hosts < 1 ||
        o.hosts > 200 || o.sources < 1 || o.sources > 200 || (o.mode == M_TURNS) != (o.nturns > 0) ||
        o.inflight < 1 || o.max_time <= 0 || o.max_time > 900 || K_BASE + (unsigned)o.pubs > 10000)
        die("bad value\n%s", usage_text);
}
