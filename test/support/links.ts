import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

/**
 * What pages of a folder lead to or load that is not there: files and anchors, and whatever they load from elsewhere.
 *
 * Addresses elsewhere that a reader may follow are left alone: only what a page loads by itself has to be in the folder.
 */
export function brokenLinks(folder: string): string[] {
  const files = new Set(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => posix.relative(folder, posix.join(entry.parentPath, entry.name))),
  );
  const pages = [...files].filter((file) => file.endsWith(".html"));
  const read = new Map(pages.map((page) => [page, tagsOf(readFileSync(join(folder, page), "utf8"))]));
  const anchors = new Map(
    [...read].map(([page, tags]) => [page, new Set(tags.flatMap((tag) => attribute(tag, "id")))]),
  );
  return [...read].flatMap(([page, tags]) =>
    tags.flatMap((tag) => {
      const isFollowed = /^<a\b/.test(tag);
      const targets = [...attribute(tag, "href"), ...attribute(tag, "src")].filter((to) => !to.startsWith("data:"));
      return targets.filter((to) => !leads(to, page, isFollowed)).map((to) => `${page}: ${to}`);
    }),
  );

  function leads(to: string, page: string, isFollowed: boolean): boolean {
    if (/^[a-z]+:|^\/\//.test(to)) return isFollowed;
    const [path, anchor] = to.split("#").map(decodeURIComponent);
    const file = path === "" ? page : posix.join(posix.dirname(page), path);
    if (!files.has(file)) return false;
    return !anchor || !isFollowed || anchors.get(file)?.has(anchor) === true;
  }
}

/** The tags of a page that are in its text; scripts are no text, but their own tags are. */
function tagsOf(html: string): readonly string[] {
  const text = html.replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/g, "$1");
  return Array.from(text.matchAll(/<[a-z][^>]*>/g), ([tag]) => tag);
}

function attribute(tag: string, name: string): string[] {
  return Array.from(tag.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g")), ([, value]) =>
    value.replaceAll("&amp;", "&"),
  );
}
