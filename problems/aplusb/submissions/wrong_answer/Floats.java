import java.util.Scanner;

class Floats {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        System.out.println((long) (in.nextDouble() + in.nextDouble()));
    }
}
