#include <stdio.h>
#include <string.h>

int main(void) {
    long low = 1, high;
    char answer[16] = "";
    if (scanf("%ld", &high) != 1) return 1;
    while (strcmp(answer, "here")) {
        long middle = (low + high) / 2;
        printf("%ld\n", middle);
        if (scanf("%15s", answer) != 1) return 1;
        if (!strcmp(answer, "further")) low = middle + 1;
        if (!strcmp(answer, "nearer")) high = middle - 1;
    }
    return 0;
}
