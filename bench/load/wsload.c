/*
 * wsload - a neutral WebSocket load generator (one process, epoll, loopback).
 *
 * It speaks only RFC 6455 (no TLS, no extensions); everything that is specific
 * to a server (login, join, publish, heart-beat frames) comes from templates
 * given on the command line, so the same binary drives plain ws servers,
 * Socket.IO / Engine.IO v4, nchan, MQTT-over-ws, NATS-over-ws ...
 *
 *   build:  gcc -O2 -Wall -Wextra -o wsload wsload.c   (one translation unit, a header for each part)
 *   use:    wsload --port 9000 --mode fanout|idle|turns|connect [options]      (--help)
 *
 *   fanout   messages in rooms; every one of them carries its sender and its number, and every delivery is checked for
 *            both: lost, repeated and reordered ones are counted. With --ack the answers to senders are, too
 *   turns    each connection sends and waits, in a circle (--turn-send, --turn-expect)
 *   connect  opens, logs in, closes, again and again
 *   idle     opens, logs in and holds; with --recover every connection must be given what it missed, in order
 *
 * Result: one JSON line on stdout; exit code 1 unless everything arrived exactly once. Bounded: ends by itself (--max-time).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "histogram.h"
#include "options.h"
#include "connection.h"
#include "template.h"
#include "sending.h"
#include "checking.h"
#include "socket.h"
#include "usage.h"
#include "loop.h"
#include "phases.h"
#include "report.h"
#include "command-line.h"

int main(int argc, char **argv)
{
    read_options(argc, argv);
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    signal(SIGPIPE, SIG_IGN);

    rbuf = malloc(RBUF);
    tbuf = malloc(TBUF);
    conns = calloc((size_t)o.conns, sizeof *conns);
    rooms = calloc((size_t)o.rooms, sizeof *rooms);
    flushq = calloc((size_t)o.conns, sizeof *flushq);
    if (!rbuf || !tbuf || !conns || !rooms || !flushq)
        die("out of memory");
    for (int i = 0; i < o.conns; i++) {
        conns[i].idx = (uint32_t)i;
        conns[i].room = (uint32_t)(i % o.rooms);
        conns[i].fd = -1;
        rooms[conns[i].room].members++;
    }
    ep = epoll_create1(EPOLL_CLOEXEC);
    deadline_all = now_ns() + (uint64_t)(o.max_time * 1e9);
    run();
    return report();
}
