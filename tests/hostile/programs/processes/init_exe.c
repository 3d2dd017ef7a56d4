// CVE-2019-5736 wrote to the runtime's own program through /proc.
#include "arena.h"
int main(void) { char p[64]; snprintf(p, sizeof p, "/proc/%d/exe", getppid()); return told(open("/proc/1/exe", O_WRONLY) >= 0 || open(p, O_WRONLY) >= 0); }
