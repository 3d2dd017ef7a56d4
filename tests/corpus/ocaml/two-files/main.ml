let () = Scanf.scanf " %d %d" (fun a b -> print_endline (string_of_int (Util.add a b)))
