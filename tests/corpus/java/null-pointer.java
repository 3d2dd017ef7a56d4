public class Main {
    static Integer cache;
    public static void main(String[] args) {
        int x = cache;
        System.out.println(x);
    }
}
