import { type ComponentType, lazy } from "react";
import { addCatalogs, type Catalogs } from "./i18n";

/** A page, or a part of one, that is loaded on demand, together with its texts in the present language. */
export function lazyPage<Props extends object>(
  load: () => Promise<{ default: ComponentType<Props> }>,
  ...catalogs: Catalogs[]
) {
  return lazy(async () => {
    const [page] = await Promise.all([load(), ...catalogs.map(addCatalogs)]);
    return page;
  });
}
