// Lets Node load TypeScript by itself: node --import ./test/support/typescript.mjs …
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
