// @profiles all
#include "arena.h"
int main(void) { return told(setns(open("/proc/1/ns/mnt", O_RDONLY), 0) == 0 || setns(open("/proc/self/ns/net", O_RDONLY), 0) == 0); }
