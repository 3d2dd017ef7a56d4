package Adders is
   function Add (X, Y : Integer) return Integer;
end Adders;

package body Adders is
   function Add (X, Y : Integer) return Integer is (X + Y);
end Adders;

with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
with Adders;
procedure Solve is
   A, B : Integer;
begin
   Get (A);
   Get (B);
   Put (Adders.Add (A, B), Width => 1);
end Solve;
