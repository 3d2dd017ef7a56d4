public class ABC086_A {
    public static void main(String[] args) {
        java.util.Scanner sc = new java.util.Scanner(System.in);
        System.out.println(sc.nextInt() + sc.nextInt());
    }
}
