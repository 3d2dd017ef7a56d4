#include <stdio.h>
int main() {
    FILE *log = fopen("log.txt", "w");
    int a, b;
    scanf("%d %d", &a, &b);
    fprintf(log, "read %d and %d\n", a, b);
    fclose(log);
    printf("%d\n", a + b);
    return 0;
}
