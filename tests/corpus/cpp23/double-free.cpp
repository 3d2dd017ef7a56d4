#include <cstdlib>
#include <cstdio>
int main() { volatile bool yes = true; char* p = (char*)malloc(40); free(p); puts("Hello, World!"); if (yes) free(p); }
