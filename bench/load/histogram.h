/* Latencies as a log-linear histogram. */

#define H_SUB 7 /* 128 linear steps per power of two: error < 0.8 % */
#define H_LEN (64 << H_SUB)
struct hist { uint64_t counts[H_LEN], n, max; };
static struct hist latency, ack_latency; /* ns */

static unsigned h_index(uint64_t v)
{
    if (v < (1u << H_SUB))
        return (unsigned)v;
    unsigned e = 63u - (unsigned)__builtin_clzll(v);
    return ((e - H_SUB + 1) << H_SUB) + (unsigned)((v >> (e - H_SUB)) & ((1u << H_SUB) - 1));
}
static uint64_t h_value(unsigned i)
{
    if (i < (1u << H_SUB))
        return i;
    unsigned e = (i >> H_SUB) + H_SUB - 1;
    uint64_t m = (1u << H_SUB) | (i & ((1u << H_SUB) - 1));
    return m << (e - H_SUB);
}
static void h_add(struct hist *h, uint64_t v)
{
    h->counts[h_index(v)]++;
    h->n++;
    if (v > h->max)
        h->max = v;
}
static double h_pct_us(const struct hist *h, double p)
{
    uint64_t want = (uint64_t)(p * (double)h->n + 0.5), seen = 0;
    if (want < 1)
        want = 1;
    for (unsigned i = 0; h->n && i < H_LEN; i++) {
        seen += h->counts[i];
        if (seen >= want)
            return (double)h_value(i) / 1000.0;
    }
    return (double)h->max / 1000.0;
}
static void h_print(const char *name, const struct hist *h)
{
    printf("\"%s\":{\"n\":%llu,\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p999\":%.0f,\"max\":%.0f},", name,
           (unsigned long long)h->n, h_pct_us(h, .5), h_pct_us(h, .9), h_pct_us(h, .99), h_pct_us(h, .999), (double)h->max / 1000);
}
