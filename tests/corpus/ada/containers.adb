with Ada.Text_IO; use Ada.Text_IO;
with Ada.Strings.Unbounded; use Ada.Strings.Unbounded;
with Ada.Containers.Indefinite_Ordered_Maps;
procedure Words is
   package Maps is new Ada.Containers.Indefinite_Ordered_Maps (String, Natural);
   Count : Maps.Map;
   procedure Add (W : String) is
   begin
      if Count.Contains (W) then
         Count.Replace (W, Count.Element (W) + 1);
      else
         Count.Insert (W, 1);
      end if;
   end Add;
begin
   while not End_Of_File loop
      declare
         Line : constant String := Get_Line & " ";
         First : Positive := Line'First;
      begin
         for I in Line'Range loop
            if Line (I) = ' ' then
               if I > First then
                  Add (Line (First .. I - 1));
               end if;
               First := I + 1;
            end if;
         end loop;
      end;
   end loop;
   for C in Count.Iterate loop
      Put_Line (Maps.Key (C) & Natural'Image (Maps.Element (C)));
   end loop;
end Words;
