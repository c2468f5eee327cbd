// Which build this is: `cargo xtask build` puts the sum of all scripts in place of this.

export const BUILD = "unbuilt";
