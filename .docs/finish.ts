import { type PageEvent, type ProjectReflection, type Reflection, ReflectionKind, type Router } from "typedoc";

/** What a page is finished with. */
export interface Finish {
  /** What notebooks showed, by the marks that stand for it. */
  readonly outputs: ReadonlyMap<string, string>;
  readonly router: Router;
}

/** Puts in what notebooks showed, leads from names to their pages, and loads what the page has need of, and nothing else. */
export function finish(page: PageEvent, { outputs, router }: Finish): void {
  const asset = (name: string): string => router.baseRelativeUrl(page.model, `assets/${name}`);
  // A page that is opened as a file may not read icons from another; a script puts the same into the page.
  let html = (page.contents ?? "").replace(/<use href="[./]*assets\/icons\.svg#/g, '<use href="#');
  if (page.pageKind !== "reflection") html = withLinks(html, page, router);
  html = html.replace(/<div class="outputs" id="[\w-]+"><\/div>/g, (mark) => outputs.get(mark) ?? mark);
  const head = [
    ...(html.includes('class="katex') ? [`<link rel="stylesheet" href="${asset("katex/katex.min.css")}"/>`] : []),
    ...(html.includes("mixlens:plotly") ? [`<script defer src="${asset("plotly.js")}"></script>`] : []),
  ];
  page.contents = html.replace("</head>", `${head.join("")}</head>`);
}

/** Names of exports in code within text, `fit` or `fit(rows)`, as links to their pages. */
function withLinks(html: string, page: PageEvent, router: Router): string {
  const exported = exportsOf(page.project);
  return html.replace(/<code>(\w+)(\([^<]*)?<\/code>(?!<\/a>)/g, (code, name: string) => {
    const target = exported.get(name);
    return target === undefined ? code : `<a href="${router.relativeUrl(page.model, target)}">${code}</a>`;
  });
}

/** What the entries export, by its names: each is exported by one of them. */
export function exportsOf(project: ProjectReflection): ReadonlyMap<string, Reflection> {
  const modules = project.getChildrenByKind(ReflectionKind.Module);
  return new Map(modules.flatMap(({ children = [] }) => children.map((child) => [child.name, child])));
}
