import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";
import { loadMessages } from "../lib/i18n";

// A busy machine is slow: a test waits for a condition, not for a time.
configure({ asyncUtilTimeout: 30_000 });
await loadMessages();
afterEach(cleanup);
