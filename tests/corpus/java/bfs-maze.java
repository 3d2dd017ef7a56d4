import java.util.*;

public class Main {
    static final int[] DX = {1, -1, 0, 0}, DY = {0, 0, 1, -1};

    private static class State implements Comparable<State> {
        int x, y, d;
        State(int x, int y, int d) { this.x = x; this.y = y; this.d = d; }
        @Override public int compareTo(State o) { return Integer.compare(d, o.d); }
    }

    class Inner { int unused; }

    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int r = in.nextInt(), c = in.nextInt();
        char[][] g = new char[r][];
        PriorityQueue<State> q = new PriorityQueue<>(new Comparator<State>() {
            @Override public int compare(State a, State b) { return a.compareTo(b); }
        });
        boolean[][] seen = new boolean[r][c];
        for (int i = 0; i < r; i++) {
            g[i] = in.next().toCharArray();
            for (int j = 0; j < c; j++) if (g[i][j] == 'S') { q.add(new State(i, j, 0)); seen[i][j] = true; }
        }
        int best = -1;
        while (!q.isEmpty()) {
            State s = q.poll();
            if (g[s.x][s.y] == 'E') { best = s.d; break; }
            for (int k = 0; k < 4; k++) {
                int x = s.x + DX[k], y = s.y + DY[k];
                if (x < 0 || y < 0 || x >= r || y >= c || g[x][y] == '#' || seen[x][y]) continue;
                seen[x][y] = true;
                q.add(new State(x, y, s.d + 1));
            }
        }
        System.out.println(best);
    }
}
