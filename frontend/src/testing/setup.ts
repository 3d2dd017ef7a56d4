import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { loadMessages } from "../lib/i18n";

await loadMessages();
afterEach(cleanup);
