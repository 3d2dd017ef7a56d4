// A thread that calls exec replaces the first thread. The new program still belongs to the run.
// @exit 5
#include "hostile.h"
static void *become(void *a) { execl("/bin/sh", "sh", "-c", "exit 5", NULL); return a; }
int main(void) { pthread_t t; pthread_create(&t, NULL, become, NULL); for (;;) pause(); }
