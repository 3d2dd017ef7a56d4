// Asks whether files of the host exist: the answer alone would reveal something.
#include <stdio.h>
#if __has_include("/etc/shadow") || __has_include("/root/.bashrc") || __has_include("/etc/hostname")
#define SEEN "ESCAPED"
#else
#define SEEN "held"
#endif
int main(void) { puts(SEEN); return 0; }
