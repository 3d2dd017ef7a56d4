#include <stdlib.h>
#include <string.h>
static char *all[100000];
int main(void) { for (int i = 0; ; i++) { all[i] = malloc(1 << 20); if (!all[i]) return 1; memset(all[i], i, 1 << 20); } }
