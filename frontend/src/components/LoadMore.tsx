interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Loads the next page of a list; renders nothing on the last page. */
export function LoadMore({ paged, title }: { paged: Paged; title: string }) {
  if (!paged.hasNextPage) return null;
  return (
    <button
      type="button"
      className="button load-more"
      disabled={paged.isFetchingNextPage}
      onClick={() => void paged.fetchNextPage()}
    >
      {title}
    </button>
  );
}
