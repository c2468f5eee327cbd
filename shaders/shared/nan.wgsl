// Whether these are the bits of what is no number. WGSL promises nothing about comparisons with it.
fn is_nan(bits: u32) -> bool {
    return (bits & 0x7FFFFFFFu) > 0x7F800000u;
}
