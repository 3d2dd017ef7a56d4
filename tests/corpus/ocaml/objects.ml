type _ t = Int : int -> int t | Str : string -> string t
let get : type a. a t -> a = function Int i -> i | Str s -> s
class greeter ~who = object (self) method say = self#text `Loud method text : [ `Loud | `Soft ] -> string = function `Loud -> "Hello, " ^ who ^ "!" | `Soft -> who end
let unused = get (Int 3)
let () = print_endline (new greeter ~who:(get (Str "World")))#say
