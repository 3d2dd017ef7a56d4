import { Component, type ReactNode } from "react";

interface Props {
  /** Shown in the place of children that cannot be loaded or drawn. */
  fallback: ReactNode;
  /** When this value changes, the children are tried again. */
  resetKey?: string;
  children: ReactNode;
}

/**
 * Keeps a fault of its children from taking down the whole page. Parts of the pages are loaded on demand: offline, or
 * when a new release has replaced their files, loading fails.
 */
export class ErrorBoundary extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.hasFailed && before.resetKey !== this.props.resetKey) this.setState({ hasFailed: false });
  }

  override render() {
    return this.state.hasFailed ? this.props.fallback : this.props.children;
  }
}
