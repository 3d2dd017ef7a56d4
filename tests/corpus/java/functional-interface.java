import java.util.Scanner;

class Calculator {
    @FunctionalInterface
    interface Op { long apply(long x, long y); }

    public static void main(String[] args) {
        Scanner s = new Scanner(System.in);
        Op plus = (x, y) -> x + y;
        System.out.println(plus.apply(s.nextLong(), s.nextLong()));
    }
}
