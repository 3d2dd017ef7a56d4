let () = print_endline "Hello, World!"; ignore (List.find (fun x -> x > 3) [1])
