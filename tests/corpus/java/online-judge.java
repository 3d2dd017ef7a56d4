import java.util.*;

public class Main {
    static boolean oj = System.getProperty("ONLINE_JUDGE") != null;

    static void tr(Object... o) { if (!oj) System.out.println(Arrays.deepToString(o)); }

    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int a = in.nextInt(), b = in.nextInt();
        tr(a, b);
        System.out.println(a + b);
    }
}
