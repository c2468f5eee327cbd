/** How wide a text's halo is, as a share of its size, wherever it is drawn. */
export const HALO = 0.35;
