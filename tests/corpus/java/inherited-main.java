abstract class Base {
    static String name = "World";
    public static void main(String[] args) {
        System.out.printf("Hello, %s!%n", name);
    }
}

public class Task extends Base {
}
