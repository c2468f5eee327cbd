//! The head that the pages beside the lab have alike: studies and documentation.

/// What stands between `<head>` and what a page has for itself. `policy` is what it allows besides nothing at all, `style` the name of its
/// stylesheet.
pub fn page_head(title: &str, policy: &str, style: &str) -> String {
    include_str!("head.html")
        .replace("{title}", title)
        .replace("{policy}", policy)
        .replace("{style}", style)
}
