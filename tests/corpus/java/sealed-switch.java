import java.util.Scanner;

sealed interface Expr permits Expr.Num, Expr.Add {
    record Num(int value) implements Expr { }
    record Add(Expr left, Expr right) implements Expr { }
}

@interface Todo { String value() default ""; }

@Todo("clean up")
public class Main {
    static final String DOC = """
        class Decoy {
            public static void main(String[] args) { }
        }
        """;

    static int eval(Expr e) {
        if (e instanceof Expr.Num n) return n.value();
        if (e instanceof Expr.Add a) return eval(a.left()) + eval(a.right());
        throw new IllegalStateException(DOC);
    }

    public static void main(String[] args) {
        var in = new Scanner(System.in);
        var word = switch (args.length) { case 0 -> "none"; default -> "some"; };
        if (!word.equals("none")) return;
        System.out.println(eval(new Expr.Add(new Expr.Num(in.nextInt()), new Expr.Num(in.nextInt()))));
    }
}
