// Watching /usr would show what other boxes do.
// @profiles all
#include <sys/inotify.h>
#include "arena.h"
int main(void) { int fd = inotify_init(); return told(fd >= 0 && inotify_add_watch(fd, "/usr/bin/env", IN_OPEN) >= 0); }
