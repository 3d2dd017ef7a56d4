public class Outer {
    interface Speaker { String speak(); }

    static class Program implements Speaker {
        public String speak() { return "Hello, World!"; }
        public static void main(String[] args) {
            System.out.println(new Program().speak());
        }
    }
}
