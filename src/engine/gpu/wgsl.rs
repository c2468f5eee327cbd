//! The kernels' texts as they are downloaded: without comments, indentation and empty lines.

/// The text without what only readers need, as far as there is room for it, and how long it is.
///
/// WGSL has no texts in quotes, so two slashes always begin a comment; the kernels have no other kind.
pub(super) const fn bare<const ROOM: usize>(text: &str) -> ([u8; ROOM], usize) {
    let text = text.as_bytes();
    let (mut bare, mut length) = ([0; ROOM], 0);
    let (mut at, mut line) = (0, 0);
    while at < text.len() {
        let byte = text[at];
        if byte == b'/' && at + 1 < text.len() && text[at + 1] == b'/' {
            while at < text.len() && text[at] != b'\n' {
                at += 1;
            }
            continue;
        }
        at += 1;
        // A line's first space is indentation, and its end ends nothing.
        if line == length && (byte == b' ' || byte == b'\n') {
            continue;
        }
        if length < ROOM {
            bare[length] = byte;
        }
        length += 1;
        if byte == b'\n' {
            line = length;
        }
    }
    (bare, length)
}

/// The text of a file in `shaders/`, made bare while this is compiled.
macro_rules! shader {
    ($file:expr) => {{
        const FILE: &str = include_str!(concat!("../../../shaders/", $file, ".wgsl"));
        const LENGTH: usize = $crate::engine::gpu::wgsl::bare::<0>(FILE).1;
        const BARE: [u8; LENGTH] = $crate::engine::gpu::wgsl::bare(FILE).0;
        match std::str::from_utf8(&BARE) {
            Ok(text) => text,
            Err(_) => panic!("a comment was cut within a character"),
        }
    }};
}
pub(super) use shader;

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn comments_indentation_and_empty_lines_are_left_out() {
        const TEXT: &str =
            "// ×\nstruct A {\n    // one\n    b: u32,  // two\n}\n\n\nfn f() { c = d / 2; }";
        const LENGTH: usize = bare::<0>(TEXT).1;
        let text = bare::<LENGTH>(TEXT).0;
        assert_eq!(
            std::str::from_utf8(&text).unwrap(),
            "struct A {\nb: u32,  \n}\nfn f() { c = d / 2; }"
        );
    }
}
