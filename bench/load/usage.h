/* What the servers, this process and the cores used, from /proc. */

struct usage { double user, sys; long rss_kb, pss_kb; };

static struct usage server_usage(int with_pss)
{
    struct usage u = { 0 };
    double tick = (double)sysconf(_SC_CLK_TCK);
    for (int i = 0; i < o.npids; i++) {
        char p[64], b[1024];
        snprintf(p, sizeof p, "/proc/%d/stat", o.pids[i]);
        FILE *f = fopen(p, "r");
        if (!f) {
            note_error("no process %d", o.pids[i]);
            continue;
        }
        size_t n = fread(b, 1, sizeof b - 1, f);
        fclose(f);
        b[n] = 0;
        char *q = strrchr(b, ')'); /* the name may hold blanks */
        unsigned long ut, st;
        long rss;
        if (q && sscanf(q + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
                        &ut, &st, &rss) == 3) {
            u.user += (double)ut / tick;
            u.sys += (double)st / tick;
            u.rss_kb += rss * (sysconf(_SC_PAGESIZE) / 1024);
        }
        if (!with_pss)
            continue;
        snprintf(p, sizeof p, "/proc/%d/smaps_rollup", o.pids[i]);
        if (!(f = fopen(p, "r")))
            continue;
        while (fgets(b, sizeof b, f)) {
            long kb;
            if (sscanf(b, "Pss: %ld", &kb) == 1)
                u.pss_kb += kb;
        }
        fclose(f);
    }
    return u;
}

static double self_cpu(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 + (double)r.ru_stime.tv_sec +
           (double)r.ru_stime.tv_usec / 1e6;
}

/* system-wide cpu jiffies of one core that were not idle, and those stolen */
static void core_busy(int core, double *busy, double *steal)
{
    char name[16], b[512];
    *busy = *steal = 0;
    snprintf(name, sizeof name, "cpu%d ", core);
    FILE *f = fopen("/proc/stat", "r");
    if (!f)
        return;
    while (fgets(b, sizeof b, f)) {
        unsigned long v[8];
        if (!strncmp(b, name, strlen(name)) && sscanf(b + strlen(name), "%lu %lu %lu %lu %lu %lu %lu %lu", v, v + 1, v + 2,
                                                      v + 3, v + 4, v + 5, v + 6, v + 7) == 8) {
            double tick = (double)sysconf(_SC_CLK_TCK);
            *busy = (double)(v[0] + v[1] + v[2] + v[5] + v[6]) / tick;
            *steal = (double)v[7] / tick;
        }
    }
    fclose(f);
}
