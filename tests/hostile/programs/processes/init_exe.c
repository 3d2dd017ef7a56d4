// CVE-2019-5736: a container overwrote the program of its runtime through /proc.
#include "hostile.h"
int main(void) { char p[64]; snprintf(p, sizeof p, "/proc/%d/exe", getppid()); return print_result(open("/proc/1/exe", O_WRONLY) >= 0 || open(p, O_WRONLY) >= 0); }
