public class Main {
    public static void main(String[] args) {
        java.util.Scanner s = new java.util.Scanner(System.in);
        System.out.println((int) s.nextLong() + (int) s.nextLong());
    }
}
