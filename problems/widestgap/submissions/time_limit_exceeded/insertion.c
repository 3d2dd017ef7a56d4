#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int n;
    if (scanf("%d", &n) != 1) return 1;
    int *values = malloc(n * sizeof *values);
    for (int i = 0; i < n; i++) {
        int value, at = i;
        if (scanf("%d", &value) != 1) return 1;
        for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
    int widest = 0;
    for (int i = 1; i < n; i++)
        if (values[i] - values[i - 1] > widest) widest = values[i] - values[i - 1];
    printf("%d\n", widest);
    return 0;
}
