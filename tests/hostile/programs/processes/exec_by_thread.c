// A thread that executes takes the first one's place; what it becomes is still the run.
// @exit 5
#include "hostile.h"
static void *become(void *a) { execl("/bin/sh", "sh", "-c", "exit 5", NULL); return a; }
int main(void) { pthread_t t; pthread_create(&t, NULL, become, NULL); for (;;) pause(); }
