/* A disk whose sync takes BENCH_SYNC_MS longer: cc -shared -fPIC -o slow-sync.so slow-sync.c -ldl, then LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int fd) {
  int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *ms = getenv("BENCH_SYNC_MS");
  usleep((ms ? atoi(ms) : 0) * 1000);
  return sync(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
