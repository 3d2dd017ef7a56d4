// sysinfo counts the threads and the free memory of the whole host. The C library needs it for qsort, and takes no refusal.
// @weak launcher bubblewrap
#include "hostile.h"
#include <sys/sysinfo.h>
int main(void) { struct sysinfo s; return print_result(sysinfo(&s) == 0 && s.procs > 20); }
