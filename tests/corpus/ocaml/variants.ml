type cell = Wall | Free | Goal
type pos = { x : int; y : int }
exception Found of int

let () =
  Scanf.scanf " %d %d" (fun r c ->
      let g = Array.init r (fun _ -> Scanf.scanf " %s" (fun s -> s)) in
      let cell { x; y } =
        if x < 0 || y < 0 || x >= r || y >= c then Wall
        else match g.(x).[y] with '#' -> Wall | 'E' -> Goal | _ -> Free in
      let dist = Hashtbl.create 16 and q = Queue.create () in
      Array.iteri (fun x row -> String.iteri (fun y ch -> if ch = 'S' then (Hashtbl.add dist { x; y } 0; Queue.add { x; y } q)) row) g;
      try
        while not (Queue.is_empty q) do
          let p = Queue.pop q in
          let d = Hashtbl.find dist p in
          if cell p = Goal then raise (Found d);
          List.iter
            (fun (dx, dy) ->
              let n = { x = p.x + dx; y = p.y + dy } in
              if cell n <> Wall && not (Hashtbl.mem dist n) then (Hashtbl.add dist n (d + 1); Queue.add n q))
            [ (0, 1); (1, 0); (0, -1); (-1, 0) ]
        done;
        print_string "-1\n"
      with Found d -> Printf.printf "%d\n" d)
