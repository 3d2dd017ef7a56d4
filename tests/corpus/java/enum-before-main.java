public class Solution {
    enum Greeting {
        HELLO("Hello"), WORLD("World") {
            @Override String tail() { return "!"; }
        };
        final String text;
        Greeting(String text) { this.text = text; }
        String tail() { return ""; }
    }

    public static void main(String[] args) {
        Greeting a = Greeting.HELLO, b = Greeting.WORLD;
        System.out.println(a.text + ", " + b.text + b.tail());
    }
}
