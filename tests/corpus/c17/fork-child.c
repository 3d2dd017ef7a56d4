#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main() {
    pid_t p = fork();
    if (p == 0) { printf("Hello, World!\n"); exit(0); }
    int status;
    waitpid(p, &status, 0);
    return WEXITSTATUS(status);
}
