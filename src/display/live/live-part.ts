import { createHash } from "node:crypto";
import type { MimeBundle } from "../mime.ts";
import { notebookSink } from "../notebook.ts";
import { type Comm, notebookHost } from "../notebook-host.ts";
import type { LiveState, PendingMessage, StateMessage, ValueMessage } from "./live-state.ts";
import { paced } from "./pace.ts";

export interface PartOptions {
  /** What the part is, for its id. */
  readonly kind: LiveState["kind"];
  /** What tells it from others, for its id. */
  readonly spec: unknown;
  readonly state: () => LiveState;
  /** Takes a value from the page, and ends when what follows from it has; `undefined` where it changes nothing. */
  readonly take?: (value: number) => Promise<void> | undefined;
  /** The whole output as it is to be kept, of what is text. */
  readonly bundle?: () => MimeBundle;
  /** The same with a picture, which is drawn when there is time. */
  readonly picture?: () => Promise<MimeBundle>;
  /** Told when the cell of the part runs again. */
  readonly ended?: () => void;
}

/** Something on the page that follows what happens in the kernel. */
export interface LivePart {
  /** The same each time that the same cells run. */
  readonly id: string;
  /** Brings pages, and from the first `show` on the output that is kept, up to the state. */
  readonly changed: () => void;
  /** Tells pages that a new state is on its way. */
  readonly pending: () => void;
  readonly show: () => void;
}

/** How often pages are told of a new state, in milliseconds. */
const PAGE_PACE = 30;
/** How often a line of text in the output that is kept is replaced. */
const KEEP_PACE = 250;

const counts = new Map<string, number>();

/** Makes a part: where the program has pages, they may now ask for it by its id. */
export function livePart({ kind, spec, state, take, bundle, picture, ended }: PartOptions): LivePart {
  const id = nextId(kind, spec);
  const host = notebookHost();
  const pages = new Map<Comm, number>();
  let isShown = false;
  let isOver = false;
  let isAwaited = false;
  let isTold = false;

  const tell = (news: Pick<StateMessage, "kept"> = {}): void => {
    isTold = true;
    const present = state();
    for (const [comm, seen] of pages) comm.send({ state: present, seen, ...news } satisfies StateMessage);
  };
  const put = (kept: MimeBundle): void => {
    if (isOver) return;
    notebookSink()?.display(kept, id, true);
    // A page that was loaded anew does not know the output by its place.
    tell({ kept });
  };
  const keepPicture = (): void => {
    if (picture === undefined || isAwaited) return;
    isAwaited = true;
    host?.hold(async () => {
      isAwaited = false;
      put(await picture());
    });
  };
  host?.comms?.accept(
    id,
    (comm) => {
      pages.set(comm, 0);
      comm.send({ state: state(), seen: 0 } satisfies StateMessage);
      return {
        message(data) {
          const { value, count } = data as ValueMessage;
          pages.set(comm, count);
          // A page that is told a state with its own last count takes that for what became of it: where nothing did, too.
          const taken = take?.(value);
          if (taken === undefined) tellPages();
          return taken;
        },
        closed: () => pages.delete(comm),
      };
    },
    () => {
      isOver = true;
      pages.clear();
      ended?.();
    },
  );
  const tellPages = paced(() => tell(), PAGE_PACE);
  // Who runs a notebook without a page wants its end, and waits for nothing.
  const isWithoutPage = host !== undefined && host.comms === undefined;
  const keepText = paced(() => bundle && put(bundle()), isWithoutPage ? 0 : KEEP_PACE);
  const keep = (): void => {
    if (!isShown) return;
    keepText();
    keepPicture();
  };

  return {
    id,
    changed() {
      isTold = false;
      keep();
      // With what is kept of a state pages are told the state, too.
      if (!isTold && pages.size > 0) tellPages();
    },
    pending() {
      for (const comm of pages.keys()) comm.send({ isPending: true } satisfies PendingMessage);
    },
    show() {
      isShown = true;
      keepPicture();
    },
  };
}

/** Counted among parts of the same kind and content: nothing that a later kernel makes is taken for it. */
function nextId(kind: string, spec: unknown): string {
  const digest = createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 8);
  const name = `mixlens-${kind}-${digest}`;
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return `${name}-${count}`;
}
