/** What the page and its service worker say to each other, and the list of the site's files, which `cargo xtask build` writes. */

export interface ListedFile {
  /** In the site. */
  path: string;
  bytes: number;
  sha256: string;
}

/** `files.json`. */
export interface SiteList {
  version: string;
  /** The page's own files, with the manifests of its models. */
  page: ListedFile[];
  /** What the manifests list. */
  models: ListedFile[];
}

export type ToService =
  /** Fetch the page's files of the site's newest version. */
  | { type: "fetch" }
  /** From the next load on, this version is the page. */
  | { type: "take"; version: string };

export interface FromService {
  /** The version that is whole, and that the next load shows or should show. */
  list?: SiteList;
  /** Whether the next load shows that one already. */
  taken: boolean;
  /** Why there is no newer one: the site was not reached, a file is not as the list says, the store is full, or takes nothing. */
  fault?: "network" | "spoiled" | "full" | "store";
}

/** What TypeScript's types of the page lack of a service worker. */
export interface ServiceScope {
  registration: { scope: string };
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "all"; includeUncontrolled: true }): Promise<{ id: string; type: string }[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
  addEventListener(type: "message", listener: (event: Lasting & MessageEvent<ToService>) => void): void;
}

interface Lasting {
  waitUntil(promise: Promise<unknown>): void;
}

interface Fetching extends Lasting {
  request: Request;
  clientId: string;
  resultingClientId: string;
  respondWith(response: Promise<Response>): void;
}
