#include <stdio.h>
#include <string.h>
struct p { int x, y, d; } q[10000];
char g[100][101];
int seen[100][100];
int main(void) {
    int r, c, h = 0, t = 0, best = -1;
    scanf("%d%d", &r, &c);
    for (int i = 0; i < r; i++) scanf("%s", g[i]);
    for (int i = 0; i < r; i++) for (int j = 0; j < c; j++) if (g[i][j] == 'S') q[t++] = (struct p){i, j, 0}, seen[i][j] = 1;
    while (h < t) {
        struct p u = q[h++];
        if (g[u.x][u.y] == 'E') { best = u.d; goto done; }
        static const int D[] = {0, 1, 0, -1, 0};
        for (int k = 0; k < 4; k++) {
            int x = u.x + D[k], y = u.y + D[k + 1];
            if (x < 0 || y < 0 || x >= r || y >= c || seen[x][y] || g[x][y] == '#') continue;
            seen[x][y] = 1;
            q[t++] = (struct p){x, y, u.d + 1};
        }
    }
done:
    printf("%d\n", best);
    return 0;
}
