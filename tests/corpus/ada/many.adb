with Ada.Text_IO;
procedure Main is
   type Int is range -2**63 .. 2**63 - 1;
   package Int_IO is new Ada.Text_IO.Integer_IO (Int);
   N, X, S : Int := 0;
begin
   Int_IO.Get (N);
   for I in 1 .. N loop
      Int_IO.Get (X);
      S := S + X;
   end loop;
   Int_IO.Put (S, Width => 1);
end Main;
