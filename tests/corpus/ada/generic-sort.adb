with Ada.Text_IO; use Ada.Text_IO;
with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
with Ada.Containers.Generic_Array_Sort;
procedure Main is
   type Numbers is array (Positive range <>) of Integer;
   procedure Sort is new Ada.Containers.Generic_Array_Sort (Positive, Integer, Numbers);
   N : Integer;
begin
   Get (N);
   declare
      A : Numbers (1 .. N);
   begin
      for X of A loop
         Get (X);
      end loop;
      Sort (A);
      for X of A loop
         Put (X, Width => 0);
         Put (' ');
      end loop;
   end;
end Main;
