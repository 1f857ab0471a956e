import type ts from "typescript";
import type { ReadCell } from "./program.ts";

/** What may stand in the place of a part of a cell. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly candidates: readonly string[];
}

/** What the compiler would write at an offset of a cell, the nearest to what stands there first. */
export function candidates(service: ts.LanguageService, { file }: ReadCell, offset: number): Found {
  const info = service.getCompletionsAtPosition(file.fileName, offset, {});
  const [word] = /[\w$]*$/u.exec(file.text.slice(0, offset)) ?? [""];
  const span = info?.entries[0]?.replacementSpan ??
    info?.optionalReplacementSpan ?? { start: offset - word.length, length: word.length };
  const written = file.text.slice(span.start, offset);
  const ranked = (info?.entries ?? []).flatMap(({ name, sortText }) => {
    const rank = rankOf(name, written);
    return rank === undefined ? [] : [{ name, key: `${rank}${sortText}` }];
  });
  ranked.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return { start: span.start, end: span.start + span.length, candidates: [...new Set(ranked.map(({ name }) => name))] };
}

function rankOf(name: string, written: string): number | undefined {
  if (name.startsWith(written)) return 0;
  const [lower, part] = [name.toLowerCase(), written.toLowerCase()];
  if (lower.startsWith(part)) return 1;
  return lower.includes(part) ? 2 : undefined;
}
