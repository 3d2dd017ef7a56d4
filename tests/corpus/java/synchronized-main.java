import java.util.Scanner;

class Util { static int add(int a, int b) { return Math.addExact(a, b); } }

public class Main {
    public static synchronized final void main(final String... argv) throws Exception {
        try (Scanner in = new Scanner(System.in)) {
            System.out.println(Util.add(in.nextInt(), in.nextInt()));
        }
    }
}
