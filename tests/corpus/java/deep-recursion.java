import java.util.Scanner;
class Main {
    static long sum(long n) {
        if (n <= 0) return 0;
        return n + sum(n - 1);
    }
    public static void main(String[] args) {
        System.out.println(sum(new Scanner(System.in).nextLong()));
    }
}
