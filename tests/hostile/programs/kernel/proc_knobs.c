// Writes what a process can set about itself in /proc: identities, sessions, audit, faults.
#include "hostile.h"
static int put(const char *name, const char *text) { char p[80]; snprintf(p, sizeof p, "/proc/self/%s", name); int fd = open(p, O_WRONLY); return fd >= 0 && write(fd, text, strlen(text)) > 0; }
int main(void) { return print_result(put("uid_map", "0 0 1") || put("gid_map", "0 0 1") || put("setgroups", "allow") || put("loginuid", "0") || put("make-it-fail", "1") || put("attr/current", "x")); }
