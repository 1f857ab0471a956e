import type ts from "typescript";

/** What is known of a name, as text and as Markdown. */
export interface Help {
  readonly "text/plain": string;
  readonly "text/markdown": string;
}

/** What is known of the name at an offset, or else of the call in whose parentheses it lies. */
export function helpAt(service: ts.LanguageService, fileName: string, offset: number): Help | undefined {
  const info = service.getQuickInfoAtPosition(fileName, offset);
  // Of what nobody declared there is nothing to say.
  if (info !== undefined && text(info.displayParts) !== "any")
    return helpOf(text(info.displayParts), text(info.documentation), tagsOf(info.tags));
  const call = service.getSignatureHelpItems(fileName, offset, undefined);
  const item = call?.items[call.selectedItemIndex];
  if (item === undefined) return undefined;
  const parameters = item.parameters.map(({ displayParts }) => text(displayParts));
  const { prefixDisplayParts, separatorDisplayParts, suffixDisplayParts } = item;
  const signature = `${text(prefixDisplayParts)}${parameters.join(text(separatorDisplayParts))}${text(suffixDisplayParts)}`;
  return helpOf(signature, text(item.documentation), tagsOf(item.tags));
}

interface Tag {
  readonly name: string;
  readonly text: string;
}

function tagsOf(tags: readonly ts.JSDocTagInfo[] = []): Tag[] {
  return tags.map((tag) => ({ name: tag.name, text: text(tag.text) }));
}

/** The compiler leaves out what stands between the name of a link and its words. */
function text(parts: readonly ts.SymbolDisplayPart[] = []): string {
  return parts.map((part) => (part.kind === "linkName" ? `${part.text}|` : part.text)).join("");
}

/** What tags are called. */
const TITLES: Readonly<Record<string, string>> = {
  throws: "Throws",
  returns: "Returns",
  return: "Returns",
  example: "Example",
  deprecated: "Deprecated",
  default: "Default",
  see: "See",
};

function helpOf(signature: string, documentation: string, tags: readonly Tag[]): Help {
  const plain = tags.map(({ name, text }) => `@${name} ${text}`.trimEnd()).join("\n");
  const parts = tags.map(({ name, text }) => {
    if (name === "param") return text.replace(/^(\S+)(?:\s+-?\s*)?/, "- `$1`: ");
    const title = `**${TITLES[name] ?? `@${name}`}**`;
    // Code stands in lines of its own.
    return name === "example"
      ? `${title}\n\n${text.includes("```") ? text : `\`\`\`ts\n${text}\n\`\`\``}`
      : `${title} ${text}`;
  });
  const code = `\`\`\`ts\n${signature}\n\`\`\``;
  return {
    "text/plain": joined([signature, unlinked(documentation), unlinked(plain)]),
    "text/markdown": joined([code, linked(documentation), ...parts.map(linked)]),
  };
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

const LINK = /\{@link(?:code|plain)?\s+([^\s|}]+)\s*\|?\s*([^}]*)\}/g;

/** Links as Markdown has them: to pages; names stand as code. */
function linked(text: string): string {
  return text.replace(LINK, (_, target: string, words: string) =>
    /^https?:/.test(target) ? `[${words || target}](${target})` : `\`${words || target}\``,
  );
}

function unlinked(text: string): string {
  return text.replace(LINK, (_, target: string, words: string) => words || target);
}
