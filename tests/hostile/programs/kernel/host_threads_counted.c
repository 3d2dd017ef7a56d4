// sysinfo counts the threads and the free memory of the whole host. qsort of the C library needs it, so it cannot be refused.
// @weak launcher bubblewrap
#include "hostile.h"
#include <sys/sysinfo.h>
int main(void) { struct sysinfo s; return print_result(sysinfo(&s) == 0 && s.procs > 20); }
