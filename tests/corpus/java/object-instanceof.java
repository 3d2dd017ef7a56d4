public class Main {
    @Override public int hashCode() { return 7; }
    @Override public boolean equals(Object object) { return object instanceof Main; }

    public static void main(String[] args) {
        // class Fake { public static void main
        String s = "class Other { interface X {";
        System.out.println(new Main().equals(new Main()) ? "Hello, World!" : s);
    }
}
