// A watch on /usr would show what other boxes do.
// @profiles all
#include <sys/inotify.h>
#include "hostile.h"
int main(void) { int fd = inotify_init(); return print_result(fd >= 0 && inotify_add_watch(fd, "/usr/bin/env", IN_OPEN) >= 0); }
