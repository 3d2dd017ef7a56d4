import java.io.*;
import java.util.*;

record Pair(int a, int b) {
    Pair {
        if (a > 1_000_000_000) throw new IllegalArgumentException();
    }
    int sum() { return a + b; }
}

public class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader br = new BufferedReader(new InputStreamReader(System.in));
        StringTokenizer st = new StringTokenizer(br.readLine());
        var p = new Pair(Integer.parseInt(st.nextToken()), Integer.parseInt(st.nextToken()));
        System.out.println(p.sum());
    }
}
