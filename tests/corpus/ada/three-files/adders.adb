package body Adders is
   function Add (X, Y : Integer) return Integer is
   begin
      return X + Y;
   end Add;
end Adders;
