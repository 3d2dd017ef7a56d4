import { Link, usePathname } from "../furniture/routing";
import { Icon } from "../furniture/Icon";
import { useMe } from "../session/me";

interface Props {
  run: () => void;
  submit: () => void;
  isRunning: boolean;
  isSubmitting: boolean;
}

const MOD = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Run and Submit; to somebody not signed in, the way to be. */
export function ActionBar({ run, submit, isRunning, isSubmitting }: Props) {
  const { data: me, isPending } = useMe();
  const pathname = usePathname();
  if (!isPending && !me) {
    const next = `?next=${encodeURIComponent(pathname)}`;
    return (
      <div className="action-bar">
        <span className="faint">Your draft is kept in this browser.</span>
        <Link className="button primary" to={`/sign-in${next}`}>
          Sign in to submit
        </Link>
      </div>
    );
  }
  return (
    <div className="action-bar">
      <button type="button" className="button" onClick={run} disabled={isRunning || !me} title={`${MOD} + '`}>
        <Icon name="play" />
        Run
      </button>
      <button
        type="button"
        className="button primary"
        onClick={submit}
        disabled={isSubmitting || !me}
        title={`${MOD} + Enter`}
      >
        <Icon name="up" />
        Submit
      </button>
    </div>
  );
}
