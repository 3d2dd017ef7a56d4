let () =
  let b = Buffer.create 65536 in
  for i = 1 to read_int () do Buffer.add_string b (string_of_int i); Buffer.add_char b '\n' done;
  print_string (Buffer.contents b);
  exit 0
