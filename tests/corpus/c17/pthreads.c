#include <pthread.h>
#include <stdio.h>
static int a, b, r;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *add(void *p) { pthread_mutex_lock(&lock); r += *(int *)p; pthread_mutex_unlock(&lock); return NULL; }
int main(void) {
    pthread_t t[2];
    if (scanf("%d%d", &a, &b) != 2) return 1;
    pthread_create(&t[0], NULL, add, &a);
    pthread_create(&t[1], NULL, add, &b);
    for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
    printf("%d\n", r);
    return 0;
}
