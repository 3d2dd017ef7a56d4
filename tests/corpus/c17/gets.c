#include <stdio.h>
#include <string.h>
#include <stdlib.h>
char *gets(char *);
char w[100][50], line[1000];
int n;
int cmp(const void *a, const void *b) { return strcmp(a, b); }
int main() {
    while (gets(line)) {
        char *p = strtok(line, " \r");
        for (; p; p = strtok(NULL, " \r")) strcpy(w[n++], p);
    }
    qsort(w, n, sizeof w[0], cmp);
    for (int i = 0, j; i < n; i = j) {
        for (j = i; j < n && !strcmp(w[i], w[j]); j++);
        printf("%s %d\n", w[i], j - i);
    }
    return 0;
}
