//! The kernels' texts as they are downloaded: without comments, empty lines and spaces that separate nothing.

/// The text without what only readers need, as far as there is room for it, and how long it is.
///
/// WGSL has no texts in quotes, so two slashes always begin a comment; the kernels have no other kind.
pub(super) const fn bare<const ROOM: usize>(text: &str) -> ([u8; ROOM], usize) {
    let text = text.as_bytes();
    let (mut bare, mut length) = ([0; ROOM], 0);
    let (mut at, mut last) = (0, b'\n');
    while at < text.len() {
        let byte = text[at];
        if byte == b'/' && at + 1 < text.len() && text[at + 1] == b'/' {
            while at < text.len() && text[at] != b'\n' {
                at += 1;
            }
            continue;
        }
        at += 1;
        let next = if at < text.len() { text[at] } else { b'\n' };
        if byte == b' ' && !are_kept_apart(last, next) || byte == b'\n' && last == b'\n' {
            continue;
        }
        if length < ROOM {
            bare[length] = byte;
        }
        length += 1;
        last = byte;
    }
    (bare, length)
}

/// Whether these two would be read as one without a space between them: two letters, or two signs such as `- -`.
const fn are_kept_apart(before: u8, after: u8) -> bool {
    is_of_word(before) && is_of_word(after) || is_sign(before) && is_sign(after)
}

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

const fn is_sign(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'(' | b')' | b'{' | b'}' | b',' | b';')
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
    fn comments_empty_lines_and_needless_spaces_are_left_out() {
        const TEXT: &str = "// ×\nstruct A {\n    // one\n    b: u32,  // two\n}\n\n\nfn f() { let c = (d - -2) / 2; }";
        const LENGTH: usize = bare::<0>(TEXT).1;
        let text = bare::<LENGTH>(TEXT).0;
        assert_eq!(
            std::str::from_utf8(&text).unwrap(),
            "struct A{\nb:u32,\n}\nfn f(){let c=(d- -2)/2;}"
        );
    }
}
