//! What the command line says: results on the standard output, all else on the standard error.

use std::io::{self, ErrorKind, Write as _};

/// Where the progress and the notes of a command go.
#[derive(Clone, Copy)]
pub struct Console {
    /// Say nothing but results and errors.
    pub quiet: bool,
}

impl Console {
    /// Says something on the way.
    pub fn note(self, text: &str) {
        if !self.quiet {
            complain(text);
        }
    }
}

/// Prints a command's result, which may have several lines, with all that cannot be seen written out.
///
/// # Errors
/// As [`print_bytes`].
pub fn print(text: &str) -> io::Result<()> {
    print_bytes(printable(text).as_bytes())
}

/// Prints a file. Whoever reads it may stop in the middle: that is no error.
///
/// # Errors
/// It cannot be written for another reason, such as a full disk.
pub fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Says a line on the standard error; if nobody can hear it there is nothing else to do.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(text));
}

/// Text with all that cannot be seen written out, such as `\u{1b}`: a token, a prompt or a file's name may hold
/// what a terminal would act on. Only new lines stay.
pub fn printable(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(in_one_line).collect();
    lines.join("\n")
}

/// The same of a part of a line: new lines are written out, too.
pub fn in_one_line(text: &str) -> String {
    let parts = text.split_inclusive(['\'', '"', '\\']);
    let written = parts.map(|part| {
        let plain = part.trim_end_matches(['\'', '"', '\\']);
        format!("{}{}", plain.escape_debug(), &part[plain.len()..])
    });
    written.collect()
}
