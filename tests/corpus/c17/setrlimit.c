#include <stdio.h>
#include <sys/resource.h>
int main() {
    struct rlimit rl;
    getrlimit(RLIMIT_STACK, &rl);
    rl.rlim_cur = 512L * 1024 * 1024;
    if (setrlimit(RLIMIT_STACK, &rl) != 0) fprintf(stderr, "no larger stack\n");
    int a, b;
    scanf("%d %d", &a, &b);
    printf("%d\n", a + b);
    return 0;
}
