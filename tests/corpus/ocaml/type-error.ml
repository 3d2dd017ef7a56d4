let () = print_endline ("Hello, World!" + 1)
