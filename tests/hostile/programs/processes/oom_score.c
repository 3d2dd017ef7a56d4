// A box that shields itself would have others of the group killed.
#include "hostile.h"
int main(void) { int fd = open("/proc/self/oom_score_adj", O_WRONLY); return print_result(fd >= 0 && write(fd, "-1000", 5) == 5); }
