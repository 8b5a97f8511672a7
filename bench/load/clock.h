/* Time, and the end of a run that cannot go on. */

/* Wire timestamps are CLOCK_MONOTONIC ns + 10^15: always 16 digits, and below
 * 2^53, so a server that runs JSON.parse + JSON.stringify keeps them exact. */
#define T_BASE 1000000000000000ULL

static uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "wsload: ");
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(2);
}
