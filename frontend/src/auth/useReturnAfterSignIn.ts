import { useNavigate, useSearchParams } from "../lib/routing";

/** Returns a function that goes back to the page which asked for the sign-in. Only paths of this site are followed. */
export function useReturnAfterSignIn(): () => void {
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const next = query.get("next") ?? "";
  return () => navigate(/^\/(?![/\\])/.test(next) ? next : "/problems", { replace: true });
}
