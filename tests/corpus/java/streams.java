import java.io.*;
import java.util.*;
import java.util.function.Function;
import java.util.stream.*;
import static java.util.stream.Collectors.*;

public class WordCount {
    public static void main(String[] args) {
        new BufferedReader(new InputStreamReader(System.in)).lines()
            .flatMap(l -> Arrays.stream(l.split(" ")))
            .filter(w -> !w.isBlank())
            .collect(groupingBy(Function.identity(), TreeMap::new, counting()))
            .forEach((w, c) -> System.out.println(w + " " + c));
    }
}
