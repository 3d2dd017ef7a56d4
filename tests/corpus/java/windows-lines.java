import java.util.*;

public class Main {
    static class P { int a, b; }
    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        P p = new P();
        p.a = sc.nextInt();
        p.b = sc.nextInt();
        System.out.println(p.a + p.b);
    }
}
