// If a program could protect itself from the OOM killer, the kernel would kill other processes of the group.
#include "hostile.h"
int main(void) { int fd = open("/proc/self/oom_score_adj", O_WRONLY); return print_result(fd >= 0 && write(fd, "-1000", 5) == 5); }
