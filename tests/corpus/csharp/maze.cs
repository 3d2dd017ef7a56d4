using System;
using System.Collections.Generic;
class Program {
    static void Main() {
        var rc = Console.ReadLine().Split(' ');
        int r = int.Parse(rc[0]), c = int.Parse(rc[1]);
        var g = new string[r];
        var q = new Queue<(int x, int y, int d)>();
        var seen = new bool[r, c];
        Action<int, int, int> Push = (x, y, d) => {
            if (x < 0 || y < 0 || x >= r || y >= c || seen[x, y] || g[x][y] == '#') return;
            seen[x, y] = true;
            q.Enqueue((x, y, d));
        };
        for (int i = 0; i < r; i++) g[i] = Console.ReadLine();
        for (int i = 0; i < r; i++) for (int j = 0; j < c; j++) if (g[i][j] == 'S') Push(i, j, 0);
        int best = -1;
        while (q.Count > 0) {
            var s = q.Dequeue();
            if (g[s.x][s.y] == 'E') { best = s.d; break; }
            Push(s.x + 1, s.y, s.d + 1); Push(s.x - 1, s.y, s.d + 1); Push(s.x, s.y + 1, s.d + 1); Push(s.x, s.y - 1, s.d + 1);
        }
        Console.WriteLine(best);
    }
}
