#include <stdio.h>

int main(void) {
    int n, value;
    if (scanf("%d", &n) != 1) return 1;
    if (n > 1000) return 9;
    int values[1000];
    for (int i = 0; i < n; i++) {
        if (scanf("%d", &value) != 1) return 1;
        int at = i;
        for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
    int widest = 0;
    for (int i = 1; i < n; i++)
        if (values[i] - values[i - 1] > widest) widest = values[i] - values[i - 1];
    printf("%d\n", widest);
    return 0;
}
