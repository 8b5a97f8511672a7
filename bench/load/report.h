/* The result as one line of JSON. */

static int report(void)
{
    double secs = (double)(to.at - from.at) / 1e9, pct = secs > 0 ? 100 / secs : 0;
    double units = (double)(to.units - from.units), per = units > 0 ? 1e6 / units : 0;
    double user = to.server.user - from.server.user, sys = to.server.sys - from.server.sys, self = to.self - from.self;
    double busy0 = to.busy[0] - from.busy[0], busy1 = to.busy[1] - from.busy[1];
    double steal = to.steal[0] - from.steal[0] + to.steal[1] - from.steal[1];
    uint64_t lost = expected > delivered ? expected - delivered : 0, lost_acks = o.ack.len ? published - acked : 0;
    uint64_t wrong = lost + lost_acks + gaps + repeats + strays + refusals;
    printf("{\"label\":\"%s\",\"mode\":\"%s\",\"conns\":%d,\"ready\":%d,\"rooms\":%d,\"pubs_per_room\":%d,\"size\":%d,\"rate\":%g,"
           "\"window\":%d,\"burst\":%d,", o.label, mode_names[o.mode], o.conns, ready, o.rooms, o.pubs, o.size, o.rate, o.window,
           o.burst);
    printf("\"secs\":%.3f,\"units\":%.0f,\"units_per_s\":%.0f,\"publishes_per_s\":%.0f,", secs, units, units * pct / 100,
           (double)(to.published - from.published) * pct / 100);
    printf("\"cpu_us_per_unit\":%.3f,\"user_us_per_unit\":%.3f,\"sys_us_per_unit\":%.3f,\"bytes_per_unit\":%.1f,\"reads_per_unit\":%.3f,",
           (user + sys) * per, user * per, sys * per, (double)(to.bytes - from.bytes) * per / 1e6,
           (double)(to.reads - from.reads) * per / 1e6);
    h_print("lat_us", &latency);
    h_print("ack_us", &ack_latency);
    printf("\"server_cpu_pct\":%.1f,\"load_cpu_pct\":%.1f,\"server_core_busy_pct\":%.1f,\"load_core_busy_pct\":%.1f,\"steal_pct\":%.1f,",
           (user + sys) * pct, self * pct, busy0 * pct, busy1 * pct, steal * pct);
    printf("\"rss_kb\":{\"start\":%ld,\"connected\":%ld,\"end\":%ld},\"pss_kb\":{\"start\":%ld,\"connected\":%ld,\"end\":%ld},",
           memory.start.rss_kb, memory.connected.rss_kb, memory.end.rss_kb, memory.start.pss_kb, memory.connected.pss_kb,
           memory.end.pss_kb);
    printf("\"expected\":%llu,\"delivered\":%llu,\"lost\":%llu,\"lost_acks\":%llu,\"gaps\":%llu,\"repeats\":%llu,\"strays\":%llu,"
           "\"refusals\":%llu,", (unsigned long long)expected, (unsigned long long)delivered, (unsigned long long)lost,
           (unsigned long long)lost_acks, (unsigned long long)gaps, (unsigned long long)repeats, (unsigned long long)strays,
           (unsigned long long)refusals);
    printf("\"pings\":%llu,\"app_pings\":%llu,\"other_frames\":%llu,\"err\":{\"connect\":%llu,\"upgrade\":%llu,\"proto\":%llu,"
           "\"closed\":%llu},\"first_error\":\"%s\"}\n", (unsigned long long)pings, (unsigned long long)app_pings,
           (unsigned long long)other_frames, (unsigned long long)err_connect, (unsigned long long)err_upgrade,
           (unsigned long long)err_proto, (unsigned long long)err_closed, first_error);
    return wrong || errors() || units <= 0 || (o.mode != M_CONNECT && ready < o.conns);
}
